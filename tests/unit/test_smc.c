/* SPDX-License-Identifier: MIT */
/* The system management controller: its messages byte by byte, and a controller that the test plays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "record/darwin/smc.h"
#include "record/darwin/smc_wire.h"

/* --- messages --- */

static void test_questions(void **state)
{
    (void)state;
    unsigned char message[SMC_MESSAGE_SIZE], wanted[SMC_MESSAGE_SIZE] = {'R', 'T', 'S', 'P'};
    const struct smc_type type = {4, smc_code("flt ")};
    wanted[42] = 9;
    smc_ask_type(message, smc_code("PSTR"));
    assert_memory_equal(message, wanted, SMC_MESSAGE_SIZE);
    wanted[42] = 5;
    wanted[28] = 4;
    memcpy(wanted + 32, " tlf", 4);
    smc_ask_value(message, smc_code("PSTR"), &type);
    assert_memory_equal(message, wanted, SMC_MESSAGE_SIZE);
}

static void assert_value(const char *type, const char *bytes, uint32_t size, int status, double wanted)
{
    unsigned char message[SMC_MESSAGE_SIZE] = {0};
    const struct smc_type t = {size, smc_code(type)};
    double value = 0;
    memcpy(message + 48, bytes, size);
    assert_int_equal(smc_read_value(message, &t, &value), status);
    if (!status)
        assert_true(value == wanted);
}

static void test_values_of_every_type(void **state)
{
    (void)state;
    assert_value("flt ", "\x00\x00\x3e\x41", 4, TT_OK, 11.875);
    assert_value("flt ", "\x00\x00\xc0\x7f", 4, TT_NOTFOUND, 0); /* not a number */
    assert_value("flt ", "\x00\x00\x80\x7f", 4, TT_NOTFOUND, 0); /* infinite */
    assert_value("flt ", "\x00\x00", 2, TT_UNSUPPORTED, 0);
    assert_value("sp78", "\x2a\x80", 2, TT_OK, 42.5);
    assert_value("sp78", "\xff\x80", 2, TT_OK, -0.5);
    assert_value("sp96", "\x02\x20", 2, TT_OK, 8.5);
    assert_value("fp88", "\xff\x80", 2, TT_OK, 255.5);
    assert_value("fpe2", "\x00\x06", 2, TT_OK, 1.5);
    assert_value("sp88", "\x00\x06", 2, TT_UNSUPPORTED, 0); /* 17 bits */
    assert_value("ui8 ", "\x07", 1, TT_OK, 7);
    assert_value("ui16", "\x01\x02", 2, TT_OK, 258);
    assert_value("ui32", "\xff\xff\xff\xff", 4, TT_OK, 4294967295.0);
    assert_value("ch8*", "abc", 3, TT_UNSUPPORTED, 0);
}

static void test_refusals(void **state)
{
    (void)state;
    unsigned char message[SMC_MESSAGE_SIZE] = {0};
    struct smc_type type;
    double value;
    assert_int_equal(smc_read_type(message, &type), TT_NOTFOUND); /* of no size */
    message[28] = 33;
    assert_int_equal(smc_read_type(message, &type), TT_NOTFOUND);
    message[28] = 32;
    assert_int_equal(smc_read_type(message, &type), TT_OK);
    message[40] = 132;
    assert_int_equal(smc_read_type(message, &type), TT_NOTFOUND);
    message[40] = 134;
    assert_int_equal(smc_read_type(message, &type), TT_IO);
    assert_int_equal(smc_read_value(message, &type, &value), TT_IO);
}

/* --- a controller --- */

static struct {
    int refuses_to_open, short_answers, is_gone;
    uint32_t next;            /* of the iterator */
    int objects, connections; /* not given back */
    const char *value;        /* of PSTR, a float */
} fake;

static int placeholder;

static cf_ref matching(const char *class_name)
{
    assert_string_equal(class_name, "AppleSMC");
    return &placeholder;
}

static int get_services(uint32_t port, cf_ref which, uint32_t *iterator)
{
    assert_int_equal(port, 0);
    assert_ptr_equal(which, &placeholder);
    if (fake.is_gone)
        return -1;
    fake.objects++;
    *iterator = 90;
    return 0;
}

/* 11 has the class and no keys, 12 is the endpoint of the keys. */
static uint32_t next_service(uint32_t iterator)
{
    assert_int_equal(iterator, 90);
    if (fake.next == 12)
        return 0;
    fake.objects++;
    return ++fake.next;
}

static int release_object(uint32_t object)
{
    assert_true(object != 0 && fake.objects > 0);
    fake.objects--;
    return 0;
}

static int open_service(uint32_t service, uint32_t task, uint32_t type, uint32_t *connection)
{
    assert_int_equal(task, 77);
    assert_int_equal(type, 0);
    if (fake.refuses_to_open)
        return 0x2e2;
    fake.connections++;
    *connection = service + 100;
    return 0;
}

static int close_service(uint32_t connection)
{
    assert_true(connection > 100 && fake.connections > 0);
    fake.connections--;
    return 0;
}

static int call_method(uint32_t connection, uint32_t selector, const void *in, size_t in_size, void *out,
                       size_t *out_size)
{
    const unsigned char *question = in;
    unsigned char *answer = out;
    assert_true(selector == 2 && in_size == 80 && *out_size == 80);
    *out_size = fake.short_answers ? 40 : 80;
    if (connection != 112 || memcmp(question, "RTSP", 4) != 0) {
        answer[40] = 132;
        return connection == 111 ? -1 : 0;
    }
    if (question[42] == 9) {
        memcpy(answer + 28, "\x04\0\0\0 tlf", 8);
        return 0;
    }
    assert_int_equal(question[42], 5);
    assert_memory_equal(question + 28, "\x04\0\0\0 tlf", 8);
    memcpy(answer + 48, fake.value, 4);
    return 0;
}

static const struct smc_api api = {77,           matching,      get_services, next_service, release_object,
                                   open_service, close_service, call_method};

static const struct smc_api *load(struct error *e)
{
    (void)e;
    return &api;
}

static struct smc_context context = {load};
static struct sensor_value values[SENSOR_CHANNELS_MAX];

static int read_all(void *s)
{
    for (int i = 0; i < SENSOR_CHANNELS_MAX; i++)
        values[i] = (struct sensor_value){.value = ABSENT, .source_t = ABSENT};
    return sensor_smc.read(s, values);
}

static void start(void)
{
    memset(&fake, 0, sizeof fake);
    fake.next = 10;
    fake.value = "\x00\x00\x3e\x41";
}

static void test_the_machines_power(void **state)
{
    (void)state;
    struct sensor_layout layout;
    void *s = NULL;
    start();
    assert_int_equal(sensor_smc.open(&context, &s, NULL), TT_OK);
    assert_int_equal(fake.objects, 0);
    assert_int_equal(fake.connections, 1);
    assert_int_equal(read_all(s), TT_OK);
    sensor_smc.layout(s, &layout);
    assert_int_equal(layout.count, 1); /* this Mac has no battery */
    assert_string_equal(layout.channels[0].name, "PSTR system total");
    assert_string_equal(layout.channels[0].unit, "uW");
    assert_int_equal(layout.channels[0].rail->rail, RAIL_MACHINE);
    assert_int_equal(layout.channels[0].kind, SERIES_POWER);
    assert_true(values[0].value == 11875000 && values[0].t);
    fake.value = "\x00\x00\xc0\x7f";
    assert_int_equal(read_all(s), TT_NOTFOUND);
    fake.value = "\xff\xff\x7f\x7f"; /* 3e38 W */
    assert_int_equal(read_all(s), TT_NOTFOUND);
    fake.value = "\x00\x00\x00\x00";
    fake.short_answers = 1;
    assert_int_equal(read_all(s), TT_NOTFOUND);
    fake.short_answers = 0;
    assert_int_equal(read_all(s), TT_OK);
    assert_true(values[0].value == 0);
    sensor_smc.close(s);
    assert_int_equal(fake.connections, 0);
}

static void test_machines_without_one(void **state)
{
    (void)state;
    struct error e = {0};
    void *s = NULL;
    start();
    fake.is_gone = 1;
    assert_int_equal(sensor_smc.open(&context, &s, &e), TT_NOTFOUND);
    start();
    fake.refuses_to_open = 1;
    assert_int_equal(sensor_smc.open(&context, &s, &e), TT_IO);
    assert_string_equal(e.text, "the system management controller may not be opened");
    start();
    fake.short_answers = 1;
    assert_int_equal(sensor_smc.open(&context, &s, &e), TT_NOTFOUND);
    assert_string_equal(e.text, "the system management controller tells no power");
    assert_true(fake.objects == 0 && fake.connections == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_questions),
        cmocka_unit_test(test_values_of_every_type),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_the_machines_power),
        cmocka_unit_test(test_machines_without_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
