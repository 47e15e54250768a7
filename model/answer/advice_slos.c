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

/* Until it has caught up it may take a disk or an interface that the bounds find idle. */
void advice_catching_up(struct result *r, const struct scenario *s)
{
    for (int g = 0; g < s->group_count; g++)
        if (scenario_begins_behind(&s->groups[g]) && s->start.logs != SCENARIO_EMPTY)
            result_warn(r,
                        result_format(r,
                                      "bounds count %s at the pace of the load: while it catches "
                                      "up it reads as fast as disks, networks and its clients let "
                                      "it, at the cost of all others",
                                      s->groups[g].name),
                        "`headroom run` simulates that");
}
