/*
 * tests/support/markup.h - is this XML well-formed, is this HTML nested right? Enough of a parser to tell, written from the standards.
 */
#ifndef TESTS_SUPPORT_MARKUP_H
#define TESTS_SUPPORT_MARKUP_H

#include <stdbool.h>

/*
 * Fails the running test where tags do not nest, an attribute is not quoted, a < or & stands alone, or a character is not
 * allowed. html: void elements need no end. Calls each(name, attributes) for each start tag when it is not NULL.
 */
void markup_check(const char *text, bool html,
                  void (*each)(const char *name, const char *attributes));

#endif
