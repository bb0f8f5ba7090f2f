/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/problem.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

enum { PROBLEM_HEADERS_MAX = 3 };

struct problem_row {
	int status;
	const char *name;
	const char *titles[LANGUAGE_COUNT]; /* kk, ru, en */
};

static const struct problem_row problem_rows[PROBLEM_CODE_COUNT] = {
	[PROBLEM_NONE] = { 500, "none", { "", "", "" } },
	[PROBLEM_INVALID_JSON] = { 400, "invalid_json",
		{ "Сұрау денесі дұрыс JSON емес", "Тело запроса не является правильным JSON",
			"The body is not a JSON object we can read" } },
	[PROBLEM_INVALID_FIELD] = { 400, "invalid_field",
		{ "Өріс жоқ немесе мәні қате", "Поле отсутствует или его значение неверно",
			"A field is missing or has a wrong value" } },
	[PROBLEM_UNKNOWN_FIELD] = { 400, "unknown_field",
		{ "Белгісіз өріс", "Неизвестное поле", "The field is not known" } },
	[PROBLEM_IDEMPOTENCY_KEY_MISSING] = { 400, "idempotency_key_missing",
		{ "Idempotency-Key тақырыбы қажет", "Нужен заголовок Idempotency-Key",
			"The header Idempotency-Key is required" } },
	[PROBLEM_NOT_PERMITTED] = { 403, "not_permitted",
		{ "Бұл әрекетке рұқсат жоқ", "Действие не разрешено",
			"The caller may not do this" } },
	[PROBLEM_NOT_FOUND] = { 404, "not_found", { "Табылмады", "Не найдено", "Not found" } },
	[PROBLEM_METHOD_NOT_ALLOWED] = { 405, "method_not_allowed",
		{ "Бұл әдіс мұнда қолданылмайды", "Метод здесь не применяется",
			"The path does not take this method" } },
	[PROBLEM_ILLEGAL_STATE] = { 409, "illegal_state",
		{ "Қазіргі күй бұған жол бермейді", "Текущее состояние этого не допускает",
			"The present state does not allow it" } },
	[PROBLEM_REFERENCE_TAKEN] = { 409, "reference_taken",
		{ "Бұл нөмір бойынша төлем бар", "По этому номеру уже есть платёж",
			"The reference already has a payment" } },
	[PROBLEM_AMOUNT_CHANGED] = { 409, "amount_changed",
		{ "Төленетін сома өзгерді", "Сумма к уплате изменилась",
			"Another amount is due now" } },
	[PROBLEM_ATTEMPT_LIVE] = { 409, "attempt_live",
		{ "Алдыңғы төлеу әрекеті аяқталған жоқ", "Предыдущая попытка оплаты не завершена",
			"An earlier attempt is not finished" } },
	[PROBLEM_LIMIT_REACHED] = { 409, "limit_reached",
		{ "Шекке жетті", "Достигнут предел", "A limit is reached" } },
	[PROBLEM_POSITION_UNKNOWN] = { 409, "position_unknown",
		{ "Оқиғалар тізбегінде мұндай орын жоқ", "В ленте событий нет такого места",
			"The events have no such position" } },
	[PROBLEM_RATES_DIFFER] = { 409, "rates_differ",
		{ "Бұл күннің басқа бағамдары бар", "На этот день есть другие курсы",
			"The day has other exchange rates" } },
	[PROBLEM_KEYS_OVERLAP] = { 409, "keys_overlap",
		{ "Қазір екі кілт қол қояды", "Сейчас подписывают два ключа",
			"Two keys sign at present" } },
	[PROBLEM_TARIFF_DIFFERS] = { 409, "tariff_differs",
		{ "Каталогта басқа тарифтер жинағы жатыр", "В каталоге лежит другой набор тарифов",
			"The folder holds another tariff set" } },
	[PROBLEM_PERIOD_OPEN] = { 409, "period_open",
		{ "Ай аяқталған жоқ немесе алдыңғы ай жабылмаған",
			"Месяц не кончился или не закрыт предыдущий",
			"The month is not over, or one before it is open" } },
	[PROBLEM_PERIOD_CLOSED] = { 409, "period_closed",
		{ "Ай жабылған", "Месяц закрыт", "The month is closed" } },
	[PROBLEM_NOT_REVERSIBLE] = { 409, "not_reversible",
		{ "Жазбаны кері қайтаруға болмайды", "Проводку нельзя отменить",
			"The entry can not be reversed" } },
	[PROBLEM_TOO_LARGE] = { 413, "too_large",
		{ "Сұрау тым үлкен", "Запрос слишком велик", "The request is too large" } },
	[PROBLEM_UNSUPPORTED_MEDIA_TYPE] = { 415, "unsupported_media_type",
		{ "Сұрау денесі application/json болуы керек",
			"Тело запроса должно быть application/json",
			"The body must be application/json" } },
	[PROBLEM_IDEMPOTENCY_MISMATCH] = { 422, "idempotency_mismatch",
		{ "Бұл кілт басқа сұрауда қолданылған", "Этот ключ уже служил другому запросу",
			"The key was used for another request" } },
	[PROBLEM_UNKNOWN_SERVICE] = { 422, "unknown_service",
		{ "Мұндай қызмет жоқ", "Такой услуги нет", "There is no such service" } },
	[PROBLEM_TARIFF_MISSING] = { 422, "tariff_missing",
		{ "Бұл күнге тариф жоқ", "На этот день нет тарифа",
			"There is no tariff for that day" } },
	[PROBLEM_RATE_MISSING] = { 422, "rate_missing",
		{ "Бұл күнге валюта бағамы жоқ", "На этот день нет курса валюты",
			"There is no exchange rate for that day" } },
	[PROBLEM_TARIFF_UNVERIFIED] = { 422, "tariff_unverified",
		{ "Тариф дереккөзбен расталмаған", "Тариф не подтверждён источником",
			"The tariff is not confirmed by its source" } },
	[PROBLEM_TARIFF_REFUSED] = { 422, "tariff_refused",
		{ "Тарифтер жинағы қабылданбады", "Набор тарифов не принят",
			"The tariff set is refused" } },
	[PROBLEM_BENEFICIARY_UNKNOWN] = { 422, "beneficiary_unknown",
		{ "Төлем алушы белгісіз", "Получатель платежа неизвестен",
			"The beneficiary is not known" } },
	[PROBLEM_NOT_ELIGIBLE] = { 422, "not_eligible",
		{ "Өтініш берушіге бұл қызмет көрсетілмейді", "Заявителю эта услуга не оказывается",
			"The applicant is not eligible" } },
	[PROBLEM_OUT_OF_RANGE] = { 422, "out_of_range",
		{ "Сома тым үлкен", "Сумма слишком велика", "The sum is too large" } },
	[PROBLEM_NO_GATEWAY] = { 422, "no_gateway",
		{ "Мұндай төлемді ешбір шлюз қабылдамайды",
			"Такой платёж не принимает ни один шлюз",
			"No gateway takes such a payment" } },
	[PROBLEM_TOO_MANY_REQUESTS] = { 429, "too_many_requests",
		{ "Сұраулар тым жиі, кейінірек қайталаңыз",
			"Запросы идут слишком часто, повторите позже",
			"Too many requests; come again" } },
	[PROBLEM_INTERNAL] = { 500, "internal",
		{ "Ішкі қате", "Внутренняя ошибка", "Something broke on our side" } },
	[PROBLEM_OVERLOADED] = { 503, "overloaded",
		{ "Жүктеме тым көп, кейінірек қайталаңыз", "Перегрузка, повторите позже",
			"Too much at once; come again" } },
	[PROBLEM_UNAVAILABLE] = { 503, "unavailable",
		{ "Қызмет уақытша қолжетімсіз", "Служба временно недоступна",
			"Not available now; come again" } },
	[PROBLEM_BOOK_RESTORED] = { 503, "book_restored",
		{ "Кітап көшірмеден қалпына келтірілді, әзірге тек оқылады",
			"Книга восстановлена из копии и пока только для чтения",
			"The book was restored from a copy and only answers until it is "
			"resumed" } },
};

static const struct problem_row *problem_row_of(enum problem_code code)
{
	assert(code > PROBLEM_NONE);
	assert(code < PROBLEM_CODE_COUNT);
	assert(problem_rows[code].name != NULL);

	return &problem_rows[code];
}

int problem_status(enum problem_code code)
{
	return problem_row_of(code)->status;
}

void problem_set(struct problem *problem, enum problem_code code, const char *field,
	const char *format, ...)
{
	va_list args;

	assert(problem != NULL);
	assert(code > PROBLEM_NONE && code < PROBLEM_CODE_COUNT);
	assert(field != NULL);

	problem->code = code;
	(void)snprintf(problem->field, sizeof(problem->field), "%s", field);
	va_start(args, format);
	(void)vsnprintf(problem->detail, sizeof(problem->detail), format, args);
	va_end(args);
}

void problem_of_json(struct problem *problem, const struct json_problem *complaint)
{
	assert(complaint != NULL);
	assert(complaint->fault != JSON_FINE);

	if (complaint->path[0] == '\0') {
		problem_set(problem, PROBLEM_INVALID_JSON, "", "the body %s", complaint->detail);
		return;
	}
	problem_set(problem,
		complaint->fault == JSON_UNKNOWN ? PROBLEM_UNKNOWN_FIELD : PROBLEM_INVALID_FIELD,
		complaint->path, "%s %s", complaint->path, complaint->detail);
}

/* A member that is told only where it says something. */
static void problem_write_text(struct json_writer *w, const char *name, const char *value)
{
	if (value != NULL && value[0] != '\0') {
		json_cstring(w, name, value);
	}
}

void problem_write(const struct problem *problem, enum language language, struct buffer *out)
{
	const struct problem_row *row = problem_row_of(problem->code);
	struct json_writer w;
	char type[64];

	(void)snprintf(type, sizeof(type), "urn:alym:problem:%s", row->name);
	json_writer_init(&w, out);
	json_open_object(&w, NULL);
	problem_write_text(&w, "attempt", problem->attempt);
	json_cstring(&w, "code", row->name);
	problem_write_text(&w, "detail", problem->detail);
	if (problem->due.currency[0] != '\0') {
		json_money(&w, "due", problem->due);
	}
	problem_write_text(&w, "field", problem->field);
	problem_write_text(&w, "payment", problem->payment);
	problem_write_text(&w, "state", problem->state);
	json_number(&w, "status", row->status);
	json_cstring(&w, "title", row->titles[language]);
	json_cstring(&w, "type", type);
	json_close_object(&w);
}

void problem_answer(const struct problem *problem, struct call *call)
{
	int status = problem_status(problem->code);
	enum language language =
		language_choose(call_header(call, "Accept-Language", NULL), LANGUAGE_EN);
	struct call_header headers[PROBLEM_HEADERS_MAX];
	size_t count = 0;
	struct buffer body;

	headers[count++] =
		(struct call_header){ TEXT("Content-Language"), text_of(language_name(language)) };
	if (problem->allow[0] != '\0') {
		headers[count++] = (struct call_header){ TEXT("Allow"), text_of(problem->allow) };
	}
	if (status == 429 || status == 503) {
		headers[count++] =
			(struct call_header){ TEXT("Retry-After"), TEXT(PROBLEM_RETRY_AFTER_S) };
	}
	assert(count <= PROBLEM_HEADERS_MAX);
	buffer_init(&body, PROBLEM_BODY_MAX);
	problem_write(problem, language, &body);
	assert(!body.overflowed);
	call_answer_with(call, status, "application/problem+json", headers, count,
		buffer_text(&body));
	buffer_done(&body);
}
