/* See advice.h: what bounds cannot tell. */
#include "model/answer/advice.h"

enum { NAMED_MAX = 3 };

void advice_slos(struct result *r, const struct scenario *s)
{
    const char *names = "";
    if (s->slo_count == 0)
        return;
    for (int i = 0; i < s->slo_count && i < NAMED_MAX; i++)
        names = result_format(r, "%s%s%s", names, i ? ", " : "", s->slos[i].text);
    if (s->slo_count > NAMED_MAX)
        names = result_format(r, "%s and %d more", names, s->slo_count - NAMED_MAX);
    result_warn(r, result_format(r, "bounds judge limits of resources, and no SLO (%s)", names),
                "`headroom run` does");
}
