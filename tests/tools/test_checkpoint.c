/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tests/alym_test.h"
#include "tools/checkpoint.h"

/* Signed with Python's cryptography by the private key 00 01 02 ... 1f. */
#define NAME "alym.example.kz/book/1"
#define KEY  NAME "+51a0d0c1+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
#define ROOT "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg="
#define DASH "\xE2\x80\x94 "
#define SIGNATURE \
	"UaDQwdQ57fqM+yv7ZGeAwYZwDbr6NA+nQ72qKyGpVQlG6OVCgGBu5Ou7TchN7dbrrpa1XhmlLtg5ow+p8bVxbC7oyAM="
#define SIGNED NAME "\n8\n" ROOT "\n\n" DASH NAME " " SIGNATURE "\n"

/* By 01 02 ... 20: the key that took the first one's place. */
#define KEY_LATER "alym.example.kz/book/1+2be694fe+AXm1Vi6P5lT5QHixEuipi6eQH4U65pW+1+DjkQutBJZk"
#define SIGNATURE_LATER \
	"K+aU/p+rEmzoLuKVF048BcBq+bjOL7FQPSJLnAyw10z346p12Nl0+wiGnj1EQv6bJDq4ETV4yM2ENpkCRNFtp1Yi/AM="

static struct checkpoint_key key_of(const char *verifier)
{
	struct checkpoint_key key;
	struct err err = { 0 };

	assert_true(checkpoint_key_read(text_of(verifier), &key, &err));
	return key;
}

static bool reads(const char *note)
{
	struct checkpoint_key key = key_of(KEY);
	struct checkpoint checkpoint;
	struct err err = { 0 };
	bool read = checkpoint_read(text_of(note), &key, 1, &checkpoint, &err);

	assert_int_equal(read, err.kind == ERR_NONE);
	return read;
}

static void a_signed_checkpoint_says_origin_size_and_root(void **state)
{
	struct checkpoint_key key = key_of(KEY);
	struct checkpoint checkpoint;
	struct err err = { 0 };
	struct proof_hash root;

	(void)state;
	assert_true(checkpoint_read(TEXT(SIGNED), &key, 1, &checkpoint, &err));
	assert_string_equal(checkpoint.origin, NAME);
	assert_int_equal(checkpoint.size, 8);
	assert_true(
		text_unhex(TEXT("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
			root.bytes, sizeof(root.bytes)));
	assert_true(proof_same(&checkpoint.root, &root));
}

static void extension_lines_and_others_signatures_may_stand_beside(void **state)
{
	(void)state;
	assert_true(reads(NAME
		"\n8\n" ROOT "\nextension line\n\n" DASH NAME
		" UaDQwcie/hghncHvAQSoKuIWuT8lFUDWSMIdd3w0AyG6dDrl/NEjwX3kzVjWuE98QiHHRBMQAVKNRV6YlzbC"
		"VAPmqQ4=\n"));
	assert_true(reads(NAME "\n8\n" ROOT "\n\n" DASH "witness AAAAAAAA\n" DASH NAME
			       " AAAAAAAA\n" DASH NAME " " SIGNATURE "\n" DASH "other AAAAAAAA\n"));
}

/* All but the last were signed as they are, or carry the signature of the right one. */
static void what_is_no_checkpoint_of_ours_is_refused(void **state)
{
	static const char *const notes[] = {
		"",
		"\n\n",
		NAME "\n8\n" ROOT "\n",
		/* another size, another root, another name */
		NAME "\n9\n" ROOT "\n\n" DASH NAME " " SIGNATURE "\n",
		NAME "\n8\nYcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n" DASH NAME " " SIGNATURE
		     "\n",
		"alym.example.kz/book/2\n8\n" ROOT "\n\n" DASH NAME " " SIGNATURE "\n",
		/* somebody else signed, or nobody */
		NAME "\n8\n" ROOT "\n\n" DASH "other " SIGNATURE "\n",
		NAME "\n8\n" ROOT "\n\n",
		/* the line is none */
		NAME "\n8\n" ROOT "\n\n" DASH NAME " " SIGNATURE,
		NAME "\n8\n" ROOT "\n\n- " NAME " " SIGNATURE "\n",
		NAME "\n8\n" ROOT "\n\n" DASH NAME "\n",
		/* well signed, but not in the form there is: a leading zero, a name, a short root
		 */
		NAME "\n08\n" ROOT "\n\n" DASH NAME
		     " UaDQwV+1hp9T5SHcPakM0doQebOEv//0DjfW67T31nlbuEIc6DMd/1V+nyAq8eshFvlRs0Y0bcoJ"
		     "5f8EZvo+s8ItqwI=\n",
		"other\n8\n" ROOT "\n\n" DASH NAME
		" UaDQwQjmFBC4WcY9GTz5o1E8nexKmsSV80eIGc6PmR/5yAEjJ1EPTTFeH83+f8gVl9QUKmXv5bGNgcWPqesJ"
		"UnWESwA=\n",
		NAME "\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg\n\n" DASH NAME
		     " UaDQwdERppdaBDyFrTQcg0uXVe0gPOWdISUgYK3YPAmwkyujc/+epcTWu+8T6O2jW3sGuyTAaA8s"
		     "3Tt1sIwmxSOFRg0=\n",
		SIGNED "\xFF\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(notes); i++) {
		assert_false(reads(notes[i]));
	}
}

static bool reads_by(const char *note, const char *first, const char *second)
{
	struct checkpoint_key keys[] = { key_of(first), key_of(second) };
	struct checkpoint checkpoint;
	struct err err = { 0 };

	return checkpoint_read(text_of(note), keys, COUNT(keys), &checkpoint, &err);
}

/* While keys overlap a note has both signatures; who trusts either key, or both, believes it. */
static void one_of_the_keys_is_enough_but_none_may_fail(void **state)
{
	const char *both = SIGNED DASH NAME " " SIGNATURE_LATER "\n";
	const char *later = NAME "\n8\n" ROOT "\n\n" DASH NAME " " SIGNATURE_LATER "\n";
	char broken[sizeof(SIGNED DASH NAME " " SIGNATURE_LATER "\n")];

	(void)state;
	assert_true(reads(both));
	assert_true(reads_by(both, KEY_LATER, KEY));
	assert_true(reads_by(both, KEY_LATER, KEY_LATER));
	assert_true(reads_by(later, KEY, KEY_LATER));
	assert_false(reads(later));
	(void)memcpy(broken, both, sizeof(broken));
	broken[sizeof(broken) - 8] = broken[sizeof(broken) - 8] == 'A' ? 'B' : 'A';
	assert_false(reads_by(broken, KEY, KEY_LATER));
	assert_true(reads(broken)); /* a stranger's, to who does not know that key */
}

static void every_byte_of_a_note_counts(void **state)
{
	char note[] = SIGNED;

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(note) - 1; i++) {
		note[i] ^= 1;
		assert_false(reads(note));
		note[i] ^= 1;
	}
	assert_true(reads(note));
}

static void a_damaged_verifier_key_is_refused(void **state)
{
	static const char *const verifiers[] = {
		"",
		"+",
		NAME,
		NAME "+51a0d0c1",
		"+51a0d0c1+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
		NAME "+51a0d0c1+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG",
		NAME "+51a0d0c1+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4AAAA",
		/* of another kind */
		NAME "+51a0d0c1+AgOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
		/* digits, name or key of another one */
		NAME "+51a0d0c2+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
		NAME "1+51a0d0c1+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
		NAME "+51a0d0c1+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG5",
	};
	struct checkpoint_key key;
	struct err err;

	(void)state;
	for (size_t i = 0; i < COUNT(verifiers); i++) {
		assert_false(checkpoint_key_read(text_of(verifiers[i]), &key, &err));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signed_checkpoint_says_origin_size_and_root),
		cmocka_unit_test(extension_lines_and_others_signatures_may_stand_beside),
		cmocka_unit_test(what_is_no_checkpoint_of_ours_is_refused),
		cmocka_unit_test(one_of_the_keys_is_enough_but_none_may_fail),
		cmocka_unit_test(every_byte_of_a_note_counts),
		cmocka_unit_test(a_damaged_verifier_key_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
