#include "test.h"

#include "scan/schedule.h"

static const int64_t S = NS_PER_S;

static struct schedule begin(void)
{
    struct schedule schedule;
    schedule_init(&schedule, 3600 * S);
    return schedule;
}

static void who_begins_to_lead_scans_at_once(void **state)
{
    (void)state;
    struct schedule schedule = begin();
    assert_false(schedule_due(&schedule, 100 * S, false, 1));
    assert_true(schedule_due(&schedule, 101 * S, true, 1));
    schedule_ended(&schedule, 101 * S, 110 * S, 1, true);
    assert_false(schedule_due(&schedule, 111 * S, true, 1));
    assert_false(schedule_due(&schedule, 112 * S, false, 1));
    assert_true(schedule_due(&schedule, 113 * S, true, 1)); /* another led meanwhile */
}

static void again_after_the_interval(void **state)
{
    (void)state;
    struct schedule schedule = begin();
    assert_true(schedule_due(&schedule, 100 * S, true, 1));
    schedule_ended(&schedule, 100 * S, 160 * S, 1, true);
    assert_false(schedule_due(&schedule, 3700 * S - 1, true, 1)); /* from beginning to beginning */
    assert_true(schedule_due(&schedule, 3700 * S, true, 1));
}

static void policies_that_changed_are_waited_for(void **state)
{
    (void)state;
    struct schedule schedule = begin();
    assert_true(schedule_due(&schedule, 100 * S, true, 1));
    schedule_ended(&schedule, 100 * S, 101 * S, 1, true);
    assert_false(schedule_due(&schedule, 200 * S, true, 2));
    assert_false(schedule_due(&schedule, 203 * S, true, 3)); /* and again */
    assert_false(schedule_due(&schedule, 208 * S - 1, true, 3));
    assert_true(schedule_due(&schedule, 208 * S, true, 3));
    schedule_ended(&schedule, 208 * S, 209 * S, 3, true);
    assert_false(schedule_due(&schedule, 220 * S, true, 3));
    assert_false(schedule_due(&schedule, 230 * S, true, 4));
    assert_false(schedule_due(&schedule, 234 * S, true, 3)); /* as they were */
    assert_false(schedule_due(&schedule, 300 * S, true, 3));
}

static void scans_take_half_of_the_time_at_most(void **state)
{
    (void)state;
    struct schedule schedule = begin();
    assert_true(schedule_due(&schedule, 0, true, 1));
    assert_true(schedule_due(&schedule, 10 * S, true, 2)); /* changed while it was scanned */
    schedule_ended(&schedule, 0, 200 * S, 1, true);
    assert_false(schedule_due(&schedule, 400 * S - 1, true, 2));
    assert_true(schedule_due(&schedule, 400 * S, true, 2));
}

static void later_and_later_after_failures(void **state)
{
    (void)state;
    struct schedule schedule = begin();
    int64_t now = 0, wait = 30 * S;
    assert_true(schedule_due(&schedule, now, true, 1));
    for (unsigned i = 0; i < 12; i++) {
        int64_t ended = now + S;
        schedule_ended(&schedule, now, ended, 1, false);
        assert_false(schedule_due(&schedule, ended + wait - 1, true, 1));
        assert_false(schedule_due(&schedule, ended + wait - 1, true, 2)); /* nor by a change */
        assert_true(schedule_due(&schedule, ended + wait, true, 1));
        now = ended + wait;
        wait = wait * 2 < 3600 * S ? wait * 2 : 3600 * S;
    }
    schedule_ended(&schedule, now, now + S, 1, true);
    assert_false(schedule_due(&schedule, now + 3599 * S, true, 1));
    schedule_ended(&schedule, now, now + S, 1, false); /* counted from the beginning again */
    assert_true(schedule_due(&schedule, now + 31 * S, true, 1));
}

int schedule_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_begins_to_lead_scans_at_once),
        cmocka_unit_test(again_after_the_interval),
        cmocka_unit_test(policies_that_changed_are_waited_for),
        cmocka_unit_test(scans_take_half_of_the_time_at_most),
        cmocka_unit_test(later_and_later_after_failures),
    };
    return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}
