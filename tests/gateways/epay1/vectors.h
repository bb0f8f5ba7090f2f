/* SPDX-License-Identifier: Apache-2.0 */

/*
 * vectors - keys and messages that the bank published for tests, or that its test system signed.
 *
 * KEY and its passphrase, BANK, the letters COMMAND and OTHER_SHOP: github.com/nodkz/kkb-epay
 * (MIT) at 479a0c88, `test_keys` and `src/__mocks__`.  STATUS and PAYMENT: the tests' messages of
 * github.com/panda-madness/kkb-epay.  OURS is the public half of KEY.
 */
#ifndef ALYM_TESTS_GATEWAYS_EPAY1_VECTORS_H
#define ALYM_TESTS_GATEWAYS_EPAY1_VECTORS_H

#define VECTOR_KEY                                                           \
	"-----BEGIN RSA PRIVATE KEY-----\n"                                  \
	"Proc-Type: 4,ENCRYPTED\n"                                           \
	"DEK-Info: DES-EDE3-CBC,25E4520A4E5EE17A\n"                          \
	"\n"                                                                 \
	"r1Uz/b1FZpMJg0kh2efZoaXpLnEg9xR8rkU8nH5y5LTP7q15zldAWm0BqGax6ZHm\n" \
	"5xe/zTjFcZKYjh7NeINlTKrAnbNNYZnYxqqj9GGUa1gEpvHn8TukXB83cEbvsDeS\n" \
	"jrbvbj5itRqqa9fNNs4rzizVdaGFpQKVhCqx4u7lE8oWdR1WCUHOywpFpkpHznDr\n" \
	"od/B2JSzG6OekuwCB4tnyZmJ1RYncbsM7NysOGcUZcT9ZmfzteYkVjPxZKcHzjTr\n" \
	"pLzhlYeAr0by9jNhtodGaYoRHEs2cqK8zEPBRMmgDydVA9Fg2NIIDaBB7ugdjaUw\n" \
	"XuWUo1y5JrU0hRnB7FdAEizO1g5CNG5aZ5UDcg9jbNeKEqrZy2VcBKARYxVDUIlm\n" \
	"INB98tXargbAgbCRwKvn76m8R0ClBMlIHiMzP3LCTfQaJnCIIDirfA==\n"         \
	"-----END RSA PRIVATE KEY-----\n"
#define VECTOR_PASSPHRASE "nissan"

#define VECTOR_OURS                                                          \
	"-----BEGIN PUBLIC KEY-----\n"                                       \
	"MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKxyX0FEZMVT+/74vO0I7vKlUvpkZZr5\n" \
	"F22M7Q1T8ZBUTTwpeYVApn5Ima+ZoFUpavZyPpO3vvuG9XT1wa+qdpECAwEAAQ==\n" \
	"-----END PUBLIC KEY-----\n"

/* A certificate signed with MD5, which has long expired: nobody looks at that. */
#define VECTOR_BANK                                                          \
	"-----BEGIN CERTIFICATE-----\n"                                      \
	"MIIDdjCCAl6gAwIBAgIFAMGD1pAwDQYJKoZIhvcNAQEEBQAwUzELMAkGA1UEBhMC\n" \
	"S1oxDDAKBgNVBAoTA0tLQjELMAkGA1UECxMCQ0ExDzANBgNVBAMTBktLQiBDQTEY\n" \
	"MBYGCSqGSIb3DQEJARYJY2FAa2tiLmt6MB4XDTE1MDgyNzEzMjAwMVoXDTIwMDgy\n" \
	"NTEzMjAwMVowcTELMAkGA1UEBhMCS1oxDzANBgNVBAcTBkFsbWF0eTETMBEGA1UE\n" \
	"ChMKa2tiY2FfdGVzdDELMAkGA1UECxMCQVQxEzARBgNVBAMTCmtrYmNhX3Rlc3Qx\n" \
	"GjAYBgkqhkiG9w0BCQEWC2VwYXlAa2tiLmt6MIGeMA0GCSqGSIb3DQEBAQUAA4GM\n" \
	"ADCBiAKBgHubvjO36p31yokU3D6I8UEjSoypp9XwDx2BTRH1IpaagcHhIpM89N6D\n" \
	"IKR5+epfGa38JHoJOP63gtyWBMGeOAfpUa067rXzOeJu5cQDoJP5LGMzGmFGMxmA\n" \
	"1O+do0vzO5LnMpPxwgQhdY9PeS09DMzFyX6rVtmBdUWe2q0vIk6ZAgMBAAGjgbcw\n" \
	"gbQwHQYDVR0OBBYEFC6fvGjFXPR7vleUibg0uzC4eNkXMB8GA1UdIwQYMBaAFO9d\n" \
	"p2Mor8bzfndC253ghJUGfXJTMAwGA1UdEwQFMAMBAQAwDgYDVR0PAQH/BAQDAgTw\n" \
	"MDUGA1UdHwQuMCwwKqAooCaGJGh0dHA6Ly93d3cua2tiLmt6L2NlcnRyb290L2tr\n" \
	"YmNhLmNybDAdBgNVHSUEFjAUBggrBgEFBQcDAgYIKwYBBQUHAwQwDQYJKoZIhvcN\n" \
	"AQEEBQADggEBAAn2TBxC2ojyerV/rfFCId4Ef/+tbXGq36G2aJzqjd4ptEIrv8Vv\n" \
	"TEOa8n8cvZ19cFM5V0rF6yu8We5nwGHNoReA6c9sxk0d7g9tsCEeXEn1DCyccQPV\n" \
	"ptmUvg/l6pHKT6E3yNOyBFCAaXNiRatFzEeiCIFCway9vr4JgkVpCSfWzkTswLX4\n" \
	"rePQFs/tHR3W4r9GntB5m5GEdLq6tv4ZwMweVOdfHWYT0kdp3/NWFovz81E40/FF\n" \
	"TpZFCTyetMv89ffH/MzEPuSYsj8A++RvVUBqjiVEyLSz1ir6sNvsQDLc3mACg1HB\n" \
	"w+lJunGmquzFWUE1vo42Q1m9nLCOSfwAmRI=\n"                             \
	"-----END CERTIFICATE-----\n"

/* checkOrdern.jsp: 1000 tenge of order 064085 are held. */
#define VECTOR_STATUS                                                                          \
	"<document><bank name=\"Kazkommertsbank JSC\"><merchant id=\"92061101\"><order id=\"0" \
	"64085\"/></merchant><merchant_sign type=\"RSA\" cert_id=\"00C182B189\">RB8oaB0UCAHIb" \
	"7oyRXS8QhmNUnHcYcS6Dgff5Zmvev87WF07bt72gRmH5Cyss3qZl9j8M1zfuq0eY6aHnumzLw==</merchan" \
	"t_sign><response payment=\"true\" status=\"0\" result=\"0\" amount=\"1000\" currency" \
	"code=\"398\" timestamp=\"2018-04-18 11:59:14.0\" reference=\"180418115914\" cardhash" \
	"=\"440564-XX-XXXX-6150\" card_to=\"\" approval_code=\"115914\" msg=\"preauth\" secur" \
	"e=\"No\" card_bin=\"null\" payername=\"John Doe\" payermail=\"asd@gmail.com\" payerp" \
	"hone=\"null\" c_hash=\"13988BBF7C6649F799F36A4808490A3E\" recur=\"0\" OrderID=\"0640" \
	"85\" SessionID=\"BAEC4CA10CE48263383EAA7552348B6C\" intreference=\"FA20180418115914"  \
	"\" AcceptRejectCode=\"0\"/></bank><bank_sign cert_id=\"00c183d690\" type=\"RSA\">qMT" \
	"KYOZYFwpl58Ogxr5gcHBjBHnNtH9Odeb9C7iI67PM5GpCIsnOF+EZDdfcPBagZPX8/34+pSDt5n9XMLk3Qjl" \
	"bhkphufzgXRUx0NOJkwPHAzjOIAqFbbE0Ei+DCNiyUcqVmiHPhLxbDRS7wj7+d5VWWJXCNYtoD9S0/hF5jg8" \
	"=</bank_sign></document>"

/* PostLink: the same. */
#define VECTOR_PAYMENT                                                                         \
	"<document><bank name=\"Kazkommertsbank JSC\"><customer name=\"John Doe\" mail=\"asd@" \
	"gmail.com\" phone=\"\"><merchant cert_id=\"00C182B189\" name=\"Test shop\"><order or" \
	"der_id=\"064085\" amount=\"1000\" currency=\"398\"><department merchant_id=\"9206110" \
	"1\" amount=\"1000\"/></order></merchant><merchant_sign type=\"RSA\"/></customer><cus" \
	"tomer_sign type=\"RSA\"/><results timestamp=\"2018-04-18 11:59:15\"><payment merchan" \
	"t_id=\"92061101\" card=\"440564-XX-XXXX-6150\" amount=\"1000\" reference=\"180418115" \
	"914\" approval_code=\"115914\" response_code=\"00\" Secure=\"No\" card_bin=\"\" c_ha" \
	"sh=\"13988BBF7C6649F799F36A4808490A3E\"/></results></bank><bank_sign cert_id=\"00c18" \
	"3d690\" type=\"SHA/RSA\">EpUcI/2F2MTU6l908yXTZHdFaEHB7qd318RUzluzhW7EpWgWyB6jl++QanV" \
	"nM2bvJRQzS/Ik3nifRPooUxvnm9vK5YevtC8U5/HUwHqqyMghwOxEvWJM6W2bXPbzaM2U/VQRdJeM6ppaeOk" \
	"10aKDxUBOLFBc7IX5ox6WhN78XUI=</bank_sign></document>"

/* control.jsp: 10 tenge of order 0202171211 were completed. */
#define VECTOR_COMMAND                                                                         \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<document><bank name=\"Kazkommertsbank J" \
	"SC\"><merchant id=\"92061101\"><command type=\"complete\"/><payment reference=\"1702" \
	"02171303\" approval_code=\"171303\" orderid=\"0202171211\" amount=\"10\" currency_co" \
	"de=\"398\"/></merchant><merchant_sign type=\"RSA\" cert_id=\"00C182B189\">ReVRJHBV1c" \
	"ToxcHpyKRemOAu2mcpITQJudeA1HdpM0Jk4DHiawV3V9PjjMbcgTMo74CnbOO6lo9qIlMrLdd1NQ==</merc" \
	"hant_sign><response code=\"00\" message=\"Approved\" SessionID=\"A1A94337B1F3336277A" \
	"BD4D289BAD12A\"/></bank><bank_sign type=\"RSA\" cert_id=\"00c183d690\">6Li4KDQLY3VjI" \
	"Q/1Pv9Sn4fAFFAr9DWbFTZM8k6gBVsduze2KKDsjd5zHQMy47teW/Z5JmRSqOeWn56dqrIqRqiFEGEiCTKUD" \
	"nSLhJE+bREV+cRoYgYslbBB8hxG4jZKUsMfA7RIAVGd8yfrM8eBpYFfO/maW3ys5J+0Cf8QoSs=</bank_si" \
	"gn></document>\n"

/* PostLink of another shop, 92061103. */
#define VECTOR_OTHER_SHOP                                                                      \
	"<document><bank name=\"Kazkommertsbank JSC\"><customer name=\"test\" mail=\"SeFrolov" \
	"@kkb.kz\" phone=\"+333333333\"><merchant cert_id=\"00c183d70b\" name=\"New Demo Shop" \
	"\"><order order_id=\"0202171211\" amount=\"10\" currency=\"398\"><department merchan" \
	"t_id=\"92061103\" amount=\"10\"/></order></merchant><merchant_sign type=\"RSA\"/></c" \
	"ustomer><customer_sign type=\"RSA\"/><results timestamp=\"2017-02-02 17:13:03\"><pay" \
	"ment merchant_id=\"92061103\" card=\"440564-XX-XXXX-6150\" amount=\"10\" reference="  \
	"\"170202171303\" approval_code=\"171303\" response_code=\"00\" Secure=\"No\" card_bi" \
	"n=\"\" c_hash=\"13988BBF7C6649F799F36A4808490A3E\"/></results></bank><bank_sign cert" \
	"_id=\"00c183d690\" type=\"SHA/RSA\">Pmk5cUMZsyp9pHs3H6zhp+0v/wTvpZFimaJp8TdiqMfDo/im" \
	"+osKWGg/7M00ZKiFThZZE9npthJiRPCW8t7miTbae5rZ07Tzn4CobYoEVRU5FXV00o2/nGRMG02kvX8FoLcG" \
	"g5wKXTvqavk9f/nk7Dqj7Sx4872BBeiqjiV71UU=</bank_sign></document>"

#endif
