/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/network.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

enum { NETWORK_TEXT_SIZE = 64, NETWORK_BITS_MAX = 128, NETWORK_BITS_V4 = 32 };

static const uint8_t network_v4[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF };

/* Gives how many bits the written form has: 32 or 128; 0: it is no address. */
static int network_address(struct text t, uint8_t address[NETWORK_ADDRESS_SIZE])
{
	char buffer[NETWORK_TEXT_SIZE];

	if (t.size == 0 || memchr(t.bytes, '\0', t.size) != NULL ||
		!text_copy(t, buffer, sizeof(buffer))) {
		return 0;
	}
	if (inet_pton(AF_INET6, buffer, address) == 1) {
		return NETWORK_BITS_MAX;
	}
	memcpy(address, network_v4, sizeof(network_v4));
	return inet_pton(AF_INET, buffer, address + sizeof(network_v4)) == 1 ? NETWORK_BITS_V4 : 0;
}

static bool network_bit(const uint8_t address[NETWORK_ADDRESS_SIZE], int bit)
{
	return (address[bit / 8] >> (7 - bit % 8) & 1) != 0;
}

bool network_parse(struct text t, struct engine_network *network)
{
	struct engine_network parsed = { 0 };
	const char *slash;
	struct text address = t;
	int64_t prefix;
	int bits;

	assert(network != NULL);
	assert(t.bytes != NULL || t.size == 0);

	slash = t.size > 0 ? memchr(t.bytes, '/', t.size) : NULL;
	if (slash != NULL) {
		address.size = (size_t)(slash - t.bytes);
	}
	bits = network_address(address, parsed.address);
	if (bits == 0) {
		return false;
	}
	prefix = bits;
	if (slash != NULL &&
		(!text_parse_integer((struct text){ slash + 1, t.size - address.size - 1 },
			 &prefix) ||
			prefix > bits)) {
		return false;
	}
	parsed.bits = NETWORK_BITS_MAX - bits + (int)prefix;
	for (int i = parsed.bits; i < NETWORK_BITS_MAX; i++) {
		if (network_bit(parsed.address, i)) {
			return false;
		}
	}
	*network = parsed;
	return true;
}

static bool network_covers(const struct engine_network *network,
	const uint8_t address[NETWORK_ADDRESS_SIZE])
{
	assert(network->bits >= 0 && network->bits <= NETWORK_BITS_MAX);

	for (int i = 0; i < network->bits; i++) {
		if (network_bit(network->address, i) != network_bit(address, i)) {
			return false;
		}
	}
	return true;
}

bool network_holds(const struct engine_network *networks, size_t count, struct text address)
{
	uint8_t bytes[NETWORK_ADDRESS_SIZE];

	assert(networks != NULL || count == 0);

	if (network_address(address, bytes) == 0) {
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		if (network_covers(&networks[i], bytes)) {
			return true;
		}
	}
	return false;
}

void network_read_address(struct text t, uint8_t address[NETWORK_ADDRESS_SIZE])
{
	if (network_address(t, address) == 0) {
		memset(address, 0, NETWORK_ADDRESS_SIZE);
	}
}

bool network_is_v4(const uint8_t address[NETWORK_ADDRESS_SIZE])
{
	return memcmp(address, network_v4, sizeof(network_v4)) == 0;
}
