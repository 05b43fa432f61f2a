/* SPDX-License-Identifier: MIT */
/* A campaign's plan: refused with sentences that have a line, or an order of recordings with files' names
 * that are safe. The same bytes as a manifest: refused, or written and read back unchanged. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "record/campaign/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void require(int holds)
{
    if (!holds)
        abort();
}

static void check_order(const struct campaign_plan *plan)
{
    struct order order;
    require(order_make(&order, plan) == TT_OK);
    for (size_t i = 0; i < order.count; i++) {
        struct buf name = BUF_INIT;
        recording_put_name(&order.items[i], &name);
        require(name.len && name.data[0] != '.' && name.data[0] != '-' && !strchr(buf_text(&name), '/'));
        require(order.items[i].runs > 0);
        buf_release(&name);
    }
    order_release(&order);
}

static void try_plan(struct bytes text)
{
    struct campaign_plan plan;
    struct findings findings;
    struct error e = {0};
    int status = plan_parse(&plan, "p.json", text, NULL, &findings, &e);
    require(!status || e.text[0]);
    for (size_t i = 0; i < findings.count; i++)
        require(findings.items[i].line > 0 && findings.items[i].text[0]);
    if (!status && !findings.count)
        check_order(&plan);
    findings_release(&findings);
    plan_release(&plan);
}

static void try_manifest(struct bytes text)
{
    struct manifest m, again;
    struct error e = {0};
    struct buf first = BUF_INIT, second = BUF_INIT;
    if (manifest_parse(&m, text, "n", &e)) {
        require(e.text[0]);
    } else {
        require(manifest_write(&m, &first) == TT_OK);
        require(manifest_parse(&again, (struct bytes){first.data, first.len}, "n", &e) == TT_OK);
        require(manifest_write(&again, &second) == TT_OK);
        require(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
        manifest_release(&again);
    }
    manifest_release(&m);
    buf_release(&first);
    buf_release(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    try_plan((struct bytes){bytes, len});
    try_manifest((struct bytes){bytes, len});
    return 0;
}
