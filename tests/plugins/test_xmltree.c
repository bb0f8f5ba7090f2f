/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "plugins/xmltree.h"
#include "tests/alym_test.h"
#include "tests/text_asserts.h"

static bool is_read(const char *bytes)
{
	struct xmltree *tree = xmltree_new(text_of(bytes));
	bool read = tree != NULL;

	xmltree_free(&tree);
	return read;
}

static void a_document_is_a_tree(void **state)
{
	struct xmltree *tree = xmltree_new(TEXT(
		"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- hello --><a xmlns='urn:x'>\n"
		" <b k=\"1 &amp; 2\" p:l='&quot;' xmlns:p='urn:y'>x &lt; <![CDATA[<y>]]>&#1178;"
		"<!-- z --></b>\n <c/><b><d>  </d></b> </a>\n"));
	const struct xmltree_node *a;
	const struct xmltree_node *b;

	(void)state;
	assert_non_null(tree);
	a = xmltree_root(tree);
	assert_text(a->name, "a");
	assert_text(a->space, "urn:x");
	assert_text(a->text, "");
	assert_null(a->parent);
	assert_int_equal(xmltree_times(a, "b"), 2);
	assert_null(xmltree_child(a, "b"));
	assert_null(xmltree_child(a, "d"));
	assert_text(xmltree_child(a, "c")->text, "");
	assert_int_equal(xmltree_child(a, "c")->position, 2);
	b = a->first;
	assert_text(b->text, "x < <y>\xD2\x9A");
	assert_text(b->attributes->name, "k");
	assert_text(b->attributes->value, "1 & 2");
	assert_text(b->attributes->space, "");
	assert_text(b->attributes->next->name, "l");
	assert_text(b->attributes->next->space, "urn:y");
	assert_text(b->attributes->next->value, "\"");
	assert_null(b->attributes->next->next);
	assert_ptr_equal(b->parent, a);
	b = b->next->next;
	assert_int_equal(b->position, 3);
	assert_text(b->text, "");
	assert_text(b->first->text, "  ");
	assert_ptr_equal(xmltree_next(b), b->first);
	assert_null(xmltree_next(b->first));
	assert_ptr_equal(xmltree_next(a->first), a->first->next);
	xmltree_free(&tree);
	assert_null(tree);
	xmltree_free(&tree);
}

static void what_is_no_document_is_refused(void **state)
{
	static const char *const refused[] = { "", " ", "x", "<", "<a>", "<a></b>", "<a/><b/>",
		"<a/>x", "<a><b></a></b>", "<a k=1/>", "<a k='1' k='1'/>", "<a>&x;</a>",
		"<a>&#0;</a>", "<a>\x01</a>", "<a>\xFF</a>", "<p:a/>", "<a>]]></a>", "<a>x<b/></a>",
		"<a><b/>x</a>", "<a><b/><![CDATA[x]]></a>", "<!DOCTYPE a><a/>",
		"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
		"<!DOCTYPE a SYSTEM 'http://127.0.0.1:9/'><a/>",
		"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
		"<?xml version='1.0'?>\n<?xml version='1.0'?><a/>", "<html><br></html>" };

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		if (is_read(refused[i])) {
			print_error("read: %s\n", refused[i]);
		}
		assert_false(is_read(refused[i]));
	}
	assert_null(xmltree_new((struct text){ "<a>\0</a>", 8 }));
	assert_null(xmltree_new((struct text){ "<\0a\0/\0>\0", 8 }));
}

static void a_document_is_refused_wherever_it_is_cut(void **state)
{
	const struct text whole = TEXT("<?xml version='1.0'?><a b='c'><d>&amp;</d><e/></a>");

	(void)state;
	assert_true(is_read(whole.bytes));
	for (size_t size = 0; size < whole.size; size++) {
		assert_null(xmltree_new((struct text){ whole.bytes, size }));
	}
}

/* `<a><x/>...</a>`, `count` of them after `before`; each is `each`. */
static bool is_read_with(const char *before, const char *each, int count, const char *after)
{
	struct buffer b;
	struct xmltree *tree;
	bool read;

	buffer_init(&b, 2 * (size_t)XMLTREE_SIZE_MAX);
	buffer_add_string(&b, before);
	for (int i = 0; i < count; i++) {
		buffer_add_string(&b, each);
	}
	buffer_add_string(&b, after);
	tree = xmltree_new(buffer_text(&b));
	read = tree != NULL;
	xmltree_free(&tree);
	buffer_done(&b);
	return read;
}

static bool is_read_deep(int depth)
{
	struct buffer b;
	bool read;

	buffer_init(&b, XMLTREE_SIZE_MAX);
	for (int i = 0; i < depth; i++) {
		buffer_add_string(&b, "<a>");
	}
	for (int i = 0; i < depth; i++) {
		buffer_add_string(&b, "</a>");
	}
	read = is_read(b.bytes);
	buffer_done(&b);
	return read;
}

static void each_limit_is_kept(void **state)
{
	(void)state;
	assert_true(is_read_deep(XMLTREE_DEPTH_MAX));
	assert_false(is_read_deep(XMLTREE_DEPTH_MAX + 1));
	assert_false(is_read_deep(20000));
	assert_true(is_read_with("<a>", "<x/>", XMLTREE_NODES_MAX - 1, "</a>"));
	assert_false(is_read_with("<a>", "<x/>", XMLTREE_NODES_MAX, "</a>"));
	assert_true(is_read_with("<a>", "<x k=''/>", XMLTREE_NODES_MAX - 1, "</a>"));
	assert_true(is_read_with("<a>", "<x k='' l='v'/>", XMLTREE_ATTRIBUTES_MAX / 2, "</a>"));
	assert_false(
		is_read_with("<a>", "<x k='' l='v'/>", XMLTREE_ATTRIBUTES_MAX / 2 + 1, "</a>"));
	assert_true(is_read_with("<a>", "x", XMLTREE_SIZE_MAX - 7, "</a>"));
	assert_false(is_read_with("<a>", "x", XMLTREE_SIZE_MAX - 6, "</a>"));
}

/* Read as what it is, UTF-8: no table of characters is looked for. */
static void a_declared_encoding_is_not_believed(void **state)
{
	struct xmltree *tree =
		xmltree_new(TEXT("<?xml version='1.0' encoding='windows-1251'?><a>\xD2\x9A</a>"));

	(void)state;
	assert_non_null(tree);
	assert_text(xmltree_root(tree)->text, "\xD2\x9A");
	xmltree_free(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_is_a_tree),
		cmocka_unit_test(what_is_no_document_is_refused),
		cmocka_unit_test(a_document_is_refused_wherever_it_is_cut),
		cmocka_unit_test(each_limit_is_kept),
		cmocka_unit_test(a_declared_encoding_is_not_believed),
	};

	xmltree_init();
	return cmocka_run_group_tests_name("plugins/xmltree", tests, NULL, NULL);
}
