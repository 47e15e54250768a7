/* See against.h. */
#include "model/answer/against.h"

void against_add(struct against *against, const char *text, bool in_table)
{
    if (!against->text)
        against->text = text;
    else if (in_table)
        against->more++;
    else
        against->text = result_format(against->result, "%s; %s", against->text, text);
}

const char *against_text(const struct against *against)
{
    if (against->more == 0)
        return against->text;
    return result_format(against->result, "%s; and %d more reason%s", against->text, against->more,
                         against->more > 1 ? "s" : "");
}
