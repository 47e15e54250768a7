/* tests/sim/test_memory.c - memory is there and zeroed, or the process ends and says why. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/memory.h"

static void alloc__gives_zeroed_memory_even_for_nothing(void **state)
{
    (void)state;
    unsigned char *three = sim_alloc(3, 1), *none = sim_alloc(0, 8);
    assert_int_equal(three[0] | three[1] | three[2], 0);
    assert_non_null(none);
    assert_ptr_equal(sim_checked(three), three);
    free(three);
    free(none);
}

static void checked__ends_the_program_with_one_line(void **state)
{
    (void)state;
    int ends[2], status;
    char said[64] = "";
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        dup2(ends[1], STDERR_FILENO);
        sim_checked(NULL);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_true(read(ends[0], said, sizeof said - 1) > 0);
    assert_string_equal(said, "headroom: out of memory\n");
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alloc__gives_zeroed_memory_even_for_nothing),
        cmocka_unit_test(checked__ends_the_program_with_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
