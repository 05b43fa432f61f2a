/* SPDX-License-Identifier: MIT */
#include "formats/scrub.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "formats/address.h"
#include "formats/error.h"
#include "formats/secrets.h"

#define FIRST_PERSON_UID 500 /* macOS counts people from 501, most Linux systems from 1000 */
#define LOOK_BACK        64
#define HOST_MAX         255
#define COUNT_OF(array)  (sizeof(array) / sizeof((array)[0]))

/* One pass over a text. Each matcher looks at `at` and returns how many bytes it took and replaced, 0 for
 * none. */
struct scan {
    const struct scrubber *who;
    struct buf *out;
    const char *text;
    size_t len, at;
    size_t url_end; /* inside a URL up to here: a hexadecimal path component is no digest there */
};

static int is_name_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

static int is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static char before(const struct scan *s)
{
    return s->at ? s->text[s->at - 1] : ' ';
}

static size_t rest(const struct scan *s)
{
    return s->len - s->at;
}

/* 1 when the byte `offset` further on cannot belong to a host or user name any more. */
static int ends_word(const struct scan *s, size_t offset)
{
    return offset >= rest(s) || (!is_name_char(s->text[s->at + offset]) && s->text[s->at + offset] != '-');
}

static void set_text(char *to, size_t size, const char *from)
{
    size_t len = from ? strlen(from) : 0;
    if (len >= size)
        len = 0; /* half a name would match the wrong things */
    if (len)
        memcpy(to, from, len);
    to[len] = '\0';
}

static void set_home(char home[SCRUB_TEXT_SIZE], const char *path)
{
    set_text(home, SCRUB_TEXT_SIZE, path);
    size_t len = strlen(home);
    while (len && home[len - 1] == '/')
        home[--len] = '\0';
}

void scrubber_init(struct scrubber *s)
{
    struct passwd entry, *found = NULL;
    char buffer[4096];
    memset(s, 0, sizeof *s);
    set_home(s->homes[0], getenv("HOME"));
    if (getpwuid_r(getuid(), &entry, buffer, sizeof buffer, &found) != 0 || !found)
        return;
    set_home(s->homes[1], found->pw_dir);
    if (getuid() >= FIRST_PERSON_UID)
        set_text(s->user, sizeof s->user, found->pw_name);
}

void scrubber_learn_host(struct scrubber *s, const char *host)
{
    struct address numeric;
    if (!*host || strcasecmp(host, "localhost") == 0 || address_parse(&numeric, host) == TT_OK)
        return;
    for (size_t i = 0; i < SCRUB_HOSTS; i++) {
        if (strcasecmp(s->hosts[i], host) == 0)
            return;
        if (!s->hosts[i][0]) {
            set_text(s->hosts[i], sizeof s->hosts[i], host);
            return;
        }
    }
}

static int has_ending(const char *text, const char *ending)
{
    size_t len = strlen(text), n = strlen(ending);
    return len > n && strcasecmp(text + len - n, ending) == 0;
}

static int is_private_name(const char *host)
{
    static const char *const endings[] = {".local", ".lan",       ".home",    ".internal", ".intranet",
                                          ".corp",  ".home.arpa", ".private", ".test",     ".ts.net"};
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        if (has_ending(host, endings[i]))
            return 1;
    }
    return strchr(host, '.') == NULL;
}

const char *scrub_host(const char *host)
{
    static const char *const scopes[] = {"loopback", "private", "public"};
    struct address a;
    for (size_t i = 0; i < COUNT_OF(scopes); i++) {
        if (strcmp(host, scopes[i]) == 0)
            return scopes[i]; /* scrubbed before */
    }
    if (address_parse(&a, host) == TT_OK)
        return scopes[address_scope(&a)];
    if (strcasecmp(host, "localhost") == 0 || has_ending(host, ".localhost"))
        return "loopback";
    return is_private_name(host) ? "private" : "public";
}

static void put_host(struct buf *out, const char *host, size_t len)
{
    char name[HOST_MAX + 1];
    if (len > HOST_MAX)
        len = HOST_MAX;
    memcpy(name, host, len);
    name[len] = '\0';
    buf_puts(out, scrub_host(name));
}

/* Length of "host" in "host:port", brackets included; *inner is the host without them. */
static size_t split_host(const char *text, size_t len, const char **inner, size_t *inner_len)
{
    const char *close = len && text[0] == '[' ? memchr(text, ']', len) : NULL;
    size_t n = 0;
    if (close) {
        *inner = text + 1;
        *inner_len = (size_t)(close - text) - 1;
        return *inner_len + 2;
    }
    while (n < len && text[n] != ':')
        n++;
    *inner = text;
    *inner_len = n;
    return n;
}

/* "user:password@host:port" of a URL. */
static void put_authority(struct buf *out, const char *text, size_t len)
{
    const char *host;
    size_t host_len, user = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '@')
            user = i + 1;
    }
    if (user)
        buf_puts(out, SCRUB_REDACTED "@");
    size_t taken = split_host(text + user, len - user, &host, &host_len);
    if (host_len)
        put_host(out, host, host_len);
    buf_append(out, text + user + taken, len - user - taken);
}

static size_t length_until(const char *text, size_t len, const char *stops)
{
    size_t n = 0;
    while (n < len && (unsigned char)text[n] > ' ' && !is_one_of(text[n], stops))
        n++;
    return n;
}

static size_t match_url(struct scan *s)
{
    const char *text = s->text + s->at;
    size_t scheme = 0;
    while (scheme < rest(s) && scheme < 16 && (is_name_char(text[scheme]) || is_one_of(text[scheme], "+-.")))
        scheme++;
    if (!scheme || rest(s) < scheme + 3 || strncmp(text + scheme, "://", 3) != 0)
        return 0;
    const char *authority = text + scheme + 3;
    size_t left = rest(s) - scheme - 3;
    size_t len = length_until(authority, left, "/~?#\"'\\,;)}|");
    buf_append(s->out, text, scheme + 3);
    put_authority(s->out, authority, len);
    if (s->at >= s->url_end)
        s->url_end = s->at + scheme + 3 + length_until(authority, left, "\"'<>\\");
    return scheme + 3 + len;
}

static size_t match_home(struct scan *s)
{
    if (is_name_char(before(s)) || is_one_of(before(s), ".~-"))
        return 0;
    for (size_t i = 0; s->who && i < SCRUB_HOMES; i++) {
        const char *home = s->who->homes[i];
        size_t n = strlen(home);
        if (n < 2 || rest(s) < n || strncmp(s->text + s->at, home, n) != 0 || !ends_word(s, n))
            continue;
        buf_puts(s->out, "~");
        return n;
    }
    return 0;
}

static int follows(const struct scan *s, const char *what)
{
    size_t n = strlen(what);
    return s->at >= n && strncmp(s->text + s->at - n, what, n) == 0;
}

/* Right behind a slash: is this component of the path a person? */
static size_t match_user(struct scan *s)
{
    if (before(s) != '/')
        return 0;
    const char *name = s->text + s->at;
    size_t len = length_until(name, rest(s), "/\"'\\:,;()<>|=&?");
    if (!len)
        return 0;
    int is_me = s->who && len == strlen(s->who->user) && strncmp(name, s->who->user, len) == 0;
    int is_shared = len == 6 && strncmp(name, "Shared", 6) == 0;
    if (!is_me && (is_shared || s->at < s->url_end || !(follows(s, "/home/") || follows(s, "/Users/"))))
        return 0;
    buf_puts(s->out, "<user>");
    return len;
}

static size_t match_learnt_host(struct scan *s)
{
    for (size_t i = 0; s->who && i < SCRUB_HOSTS && s->who->hosts[i][0]; i++) {
        const char *host = s->who->hosts[i];
        size_t n = strlen(host);
        if (rest(s) < n || strncasecmp(s->text + s->at, host, n) != 0 || !ends_word(s, n))
            continue;
        buf_puts(s->out, scrub_host(host));
        return n;
    }
    return 0;
}

static size_t span_within(const char *text, size_t len, const char *set)
{
    size_t n = 0;
    while (n < len && is_one_of(text[n], set))
        n++;
    return n;
}

/* An IP address on its own. Four numbers in a row that go on with a dot or a dash are a version. */
static size_t match_address(struct scan *s)
{
    const char *text = s->text + s->at, *inner;
    char copy[64];
    struct address a;
    size_t len = rest(s) < sizeof copy ? rest(s) : sizeof copy - 1, inner_len;
    if (text[0] != '[')
        len = span_within(text, len, "0123456789.");
    if (len < 3 || (text[0] != '[' && !ends_word(s, len)) || is_one_of(before(s), ".-"))
        return 0;
    size_t taken = split_host(text, len, &inner, &inner_len);
    memcpy(copy, inner, inner_len);
    copy[inner_len] = '\0';
    if (address_parse(&a, copy) != TT_OK || address_is_unspecified(&a))
        return 0;
    buf_puts(s->out, scrub_host(copy));
    return taken;
}

static int is_url_sign(const char *text, size_t len)
{
    return len >= 3 && strncmp(text, "://", 3) == 0;
}

/* Length of the name at `at`, with its closing quote, the sign and the spaces up to the value. *name_len is
 * without those. 0 when it is no "name=" or "name:". */
static size_t name_and_sign(const struct scan *s, size_t *name_len)
{
    const char *text = s->text + s->at;
    size_t n = 0, len = rest(s);
    while (n < len && n < 128 && (is_name_char(text[n]) || is_one_of(text[n], "-.")))
        n++;
    *name_len = n;
    while (n < len && n < *name_len + 2 && is_one_of(text[n], "\\\"'"))
        n++;
    while (n < len && n < *name_len + 4 && text[n] == ' ')
        n++;
    int is_sign = n + 1 < len && is_one_of(text[n], ":=");
    int is_other_sign = is_sign && ((text[n] == '=' && text[n + 1] == '=') || is_url_sign(text + n, len - n));
    if (!*name_len || !is_sign || is_other_sign)
        return 0;
    n++;
    while (n < len && text[n] == ' ')
        n++;
    return n;
}

/* Length of a value that is quoted with `quote`, up to but without the closing quote. */
static size_t quoted_length(const char *text, size_t len, char quote)
{
    size_t n = 0;
    while (n < len && text[n] != quote)
        n += text[n] == '\\' && n + 1 < len ? 2 : 1;
    return n < len ? n : len;
}

/* "Bearer", "Basic" … in front of the secret proper. */
static size_t scheme_length(const char *text, size_t len)
{
    static const char *const schemes[] = {"Bearer ", "Basic ", "Token ", "Digest ", "ApiKey "};
    for (size_t i = 0; i < COUNT_OF(schemes); i++) {
        size_t n = strlen(schemes[i]);
        if (len > n && strncasecmp(text, schemes[i], n) == 0)
            return n;
    }
    return 0;
}

static int names_a_header(const char *name, size_t len)
{
    static const char *const names[] = {"cookie", "set-cookie", "authorization", "proxy-authorization"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (len == strlen(names[i]) && strncasecmp(name, names[i], len) == 0)
            return 1;
    }
    return 0;
}

/* Length of the value at the front of `text`; *open is the length of the quote in front of it. */
static size_t value_length(const char *text, size_t len, int is_header, size_t *open)
{
    *open = 0;
    if (len && is_one_of(text[0], "\"'")) {
        *open = 1;
        return quoted_length(text + 1, len - 1, text[0]);
    }
    if (len > 1 && text[0] == '\\' && text[1] == '"')
        *open = 2;
    const char *value = text + *open;
    size_t left = len - *open, n = 0;
    while (is_header && n < left && !is_one_of(value[n], "\r\n\"'\\"))
        n++;
    if (is_header)
        return n;
    n = scheme_length(value, left);
    return n + length_until(value + n, left - n, "&;,)]}|\"'\\");
}

static size_t match_named_secret(struct scan *s)
{
    const char *text = s->text + s->at;
    size_t name_len, open, sign = name_and_sign(s, &name_len);
    if (!sign || sign >= rest(s) || is_one_of(text[sign], "{[") || !secret_name(text, name_len))
        return 0;
    size_t n = value_length(text + sign, rest(s) - sign, names_a_header(text, name_len), &open);
    const char *value = text + sign + open;
    if (secret_value_is_harmless(value, n))
        return 0;
    buf_append(s->out, text, sign + open);
    buf_puts(s->out, SCRUB_REDACTED);
    return sign + open + n;
}

static int has_model_extension(const char *text, size_t len)
{
    static const char *const extensions[] = {".gguf", ".safetensors", ".bin", ".json", ".npz", ".mlx", ".pt"};
    for (size_t i = 0; i < COUNT_OF(extensions); i++) {
        size_t n = strlen(extensions[i]);
        if (len >= n && strncmp(text, extensions[i], n) == 0)
            return 1;
    }
    return 0;
}

/* Is the name in front of `at` ("digest": " …) that of a hash? */
static int follows_digest_name(const struct scan *s)
{
    static const char *const names[] = {"digest",   "sha256", "sha",      "hash",        "commit",
                                        "revision", "rev",    "checksum", "fingerprint", "blob"};
    size_t end = s->at, from = s->at > LOOK_BACK ? s->at - LOOK_BACK : 0;
    while (end > from && is_one_of(s->text[end - 1], "\"'\\:= -"))
        end--;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        size_t n = strlen(names[i]);
        if (end < s->at && end - from >= n && strncasecmp(s->text + end - n, names[i], n) == 0)
            return 1;
    }
    return 0;
}

static int is_digest_place(const struct scan *s, size_t len)
{
    int in_path = before(s) == '/' && s->at >= s->url_end;
    return in_path || follows_digest_name(s) || has_model_extension(s->text + s->at + len, rest(s) - len);
}

static size_t match_random(struct scan *s)
{
    int is_hex;
    size_t n = secret_look(s->text + s->at, rest(s), &is_hex);
    if (!n)
        return 0;
    if (is_hex && is_digest_place(s, n))
        buf_append(s->out, s->text + s->at, n);
    else
        buf_puts(s->out, SCRUB_REDACTED);
    return n;
}

static size_t match_anything(struct scan *s)
{
    static size_t (*const matchers[])(struct scan *) = {match_url,         match_home,         match_user,
                                                        match_learnt_host, match_named_secret, match_address,
                                                        match_random};
    for (size_t i = 0; i < COUNT_OF(matchers); i++) {
        size_t n = matchers[i](s);
        if (n)
            return n;
    }
    return 0;
}

int scrub_text(const struct scrubber *who, struct buf *out, const char *text, size_t len)
{
    struct scan s = {who, out, text, len, 0, 0};
    while (s.at < s.len) {
        int inside_word = is_name_char(before(&s)) || before(&s) == '+';
        size_t n = inside_word ? 0 : match_anything(&s);
        if (!n)
            buf_putc(out, text[s.at++]);
        s.at += n;
    }
    return out->failed;
}
