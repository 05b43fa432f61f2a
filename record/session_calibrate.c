/* SPDX-License-Identifier: MIT */
/* Before the first run, the engine counts tokens until the workload's texts have exactly as many as they
 * should. */
#include "record/session_state.h"
#include "record/tokeniser.h"

struct counting {
    struct tokeniser tokeniser;
    unsigned questions;
};

struct tokeniser session_tokeniser(const struct session *s)
{
    return (struct tokeniser){.client = s->client,
                              .endpoint = &s->endpoint,
                              .headers = (const char *const *)s->headers,
                              .interrupted = s->interrupted,
                              .kind = s->identity.kind,
                              .model = s->options->model ? s->options->model : s->identity.model_id};
}

static int count(void *context, const char *text, size_t len, uint64_t *tokens, struct error *e)
{
    struct counting *c = context;
    c->questions++;
    return tokeniser_count(&c->tokeniser, (struct bytes){(const unsigned char *)text, len}, tokens, e);
}

int session_calibrate(struct session *s, struct error *e)
{
    struct counting c = {session_tokeniser(s), 0};
    if (!s->options->calibrate)
        return TT_OK;
    if (!tokeniser_can_count(s->identity.kind))
        return error_set(e, TT_USAGE,
                         "--calibrate needs an engine that counts tokens, such as llama.cpp or vLLM; this "
                         "one is '%s': leave it out",
                         engine_name(s->identity.kind));
    session_remark(s, "fitting the workload to the engine's tokeniser");
    int status = workload_builtin(&s->calibrated, s->workload->name, e);
    if (!status)
        status = workload_calibrate(&s->calibrated, count, &c, e);
    if (status)
        return error_prefix(e, "--calibrate");
    s->workload = &s->calibrated;
    session_remark(s, "the workload is fitted, after %u questions", c.questions);
    return TT_OK;
}
