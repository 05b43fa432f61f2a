/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "formats/alloc.h"
#include "record/endpoint.h"

static void expect(const char *text, const char *root, const char *api, const char *chat)
{
    struct endpoint ep;
    struct error e = {0};
    assert_int_equal(endpoint_parse(&ep, text, &e), TT_OK);
    assert_string_equal(ep.root, root);
    assert_string_equal(ep.api, api);
    assert_string_equal(ep.chat, chat);
    endpoint_release(&ep);
}

static void test_the_usual_spellings_are_one_endpoint(void **state)
{
    (void)state;
    static const char *const same[] = {
        "http://127.0.0.1:8080",     "127.0.0.1:8080",
        "http://127.0.0.1:8080/",    "HTTP://127.0.0.1:8080//",
        "http://127.0.0.1:8080/v1",  "http://127.0.0.1:8080/v1/chat/completions",
        "http://127.0.0.1:8080/v1/", "http://127.0.0.1:8080/v1/models"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        expect(same[i], "http://127.0.0.1:8080", "http://127.0.0.1:8080/v1",
               "http://127.0.0.1:8080/v1/chat/completions");
}

static void test_prefixes_and_other_versions(void **state)
{
    (void)state;
    expect("https://Example.org/llm", "https://example.org/llm", "https://example.org/llm/v1",
           "https://example.org/llm/v1/chat/completions");
    expect("https://example.org/api/v1/", "https://example.org/api", "https://example.org/api/v1",
           "https://example.org/api/v1/chat/completions");
    expect("http://h/paas/v4/chat/completions", "http://h/paas", "http://h/paas/v4",
           "http://h/paas/v4/chat/completions");
    expect("http://h/odd/chat/completions", "http://h/odd", "http://h/odd", "http://h/odd/chat/completions");
    expect("http://h:80/rev2", "http://h/rev2", "http://h/rev2/v1", "http://h/rev2/v1/chat/completions");
}

static void test_ipv6_and_ports(void **state)
{
    (void)state;
    struct endpoint ep;
    expect("http://[::1]:11434", "http://[::1]:11434", "http://[::1]:11434/v1",
           "http://[::1]:11434/v1/chat/completions");
    assert_int_equal(endpoint_parse(&ep, "https://[::1]", NULL), TT_OK);
    assert_string_equal(ep.host, "::1");
    assert_int_equal(ep.port, 443);
    endpoint_release(&ep);
}

static void refuse(const char *text, const char *why)
{
    struct endpoint ep;
    struct error e = {0};
    assert_int_equal(endpoint_parse(&ep, text, &e), TT_USAGE);
    assert_non_null(strstr(e.text, why));
}

static void test_what_is_no_endpoint_is_refused(void **state)
{
    (void)state;
    refuse("", "empty");
    refuse("ftp://h", "scheme");
    refuse("file:///etc/passwd", "scheme");
    refuse("http://", "host");
    refuse("http:///v1", "host");
    refuse("http://[::1", "host");
    refuse("http://[::1]x", "host");
    refuse("http://[]", "host");
    refuse("http://h:0", "port");
    refuse("http://h:65536", "port");
    refuse("http://h:99999999999999999999999", "port");
    refuse("http://h:", "port");
    refuse("http://h:80x", "port");
    refuse("http://h/v1?key=1", "query");
    refuse("http://h/#x", "fragment");
    refuse("http://h/a/../b", "..");
    refuse("http://h/..", "..");
    refuse("http://h y/", "characters");
    refuse("http://h/\r\nX: y", "characters");
    refuse("http://h/\xc3\xa9", "characters");
    refuse("http://h%00/", "host name");
    char big[ENDPOINT_URL_MAX + 20];
    memset(big, 'a', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    refuse(big, "too long");
}

static void test_credentials_are_refused_without_being_repeated(void **state)
{
    (void)state;
    struct endpoint ep;
    struct error e = {0};
    assert_int_equal(endpoint_parse(&ep, "http://me:hunter2@h:1/v1", &e), TT_USAGE);
    assert_non_null(strstr(e.text, "--api-key-env"));
    assert_null(strstr(e.text, "hunter2"));
}

static void test_urls_of_other_endpoints(void **state)
{
    (void)state;
    struct endpoint ep;
    assert_int_equal(endpoint_parse(&ep, "http://h:1/p/v1", NULL), TT_OK);
    char *props = endpoint_url(&ep, "/props"), *models = endpoint_url(&ep, "/v1/models");
    assert_string_equal(props, "http://h:1/p/props");
    assert_string_equal(models, "http://h:1/p/v1/models");
    assert_string_equal(endpoint_path(&ep), "/p/v1/chat/completions");
    mem_free(props);
    mem_free(models);
    endpoint_release(&ep);
}

static void expect_scrubbed(const char *text, const char *want, int exposes)
{
    struct endpoint ep;
    assert_int_equal(endpoint_parse(&ep, text, NULL), TT_OK);
    char *scrubbed = endpoint_scrubbed(&ep);
    assert_string_equal(scrubbed, want);
    assert_int_equal(endpoint_exposes_key(&ep), exposes);
    mem_free(scrubbed);
    endpoint_release(&ep);
}

static void test_what_a_trace_may_say_and_when_a_key_is_exposed(void **state)
{
    (void)state;
    expect_scrubbed("http://localhost:8080", "http://loopback:8080/v1/chat/completions", 0);
    expect_scrubbed("http://my-lab:8080", "http://private:8080/v1/chat/completions", 1);
    expect_scrubbed("http://llm.example.org/x", "http://public:80/x/v1/chat/completions", 1);
    expect_scrubbed("http://[::1]:1/v1", "http://loopback:1/v1/chat/completions", 0);
    expect_scrubbed("http://192.168.1.7", "http://private:80/v1/chat/completions", 1);
    expect_scrubbed("https://llm.example.org", "https://public:443/v1/chat/completions", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_usual_spellings_are_one_endpoint),
        cmocka_unit_test(test_prefixes_and_other_versions),
        cmocka_unit_test(test_ipv6_and_ports),
        cmocka_unit_test(test_what_is_no_endpoint_is_refused),
        cmocka_unit_test(test_credentials_are_refused_without_being_repeated),
        cmocka_unit_test(test_urls_of_other_endpoints),
        cmocka_unit_test(test_what_a_trace_may_say_and_when_a_key_is_exposed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
