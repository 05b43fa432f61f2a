#!/bin/sh
# Each defect is seen as what it is, in the runs it was asked for and in no others.
cat >profile.json <<'P'
{"style": "openai", "name": "mlx-lm", "decode_tok_s": 500, "prefill_tok_s": 20000, "cached_field": "absent", "prefix_cache": "none",
 "synth": {"runs": 2, "stall_timeout_s": 20, "timeout_s": 60,
           "phases": {"cold-prefix": {"loop_tokens": 12}},
           "defects": [{"fault": "status:503", "phases": ["cold"], "repeats": [0]},
                       {"fault": "cut:9000", "phases": ["warm"]},
                       {"fault": "stall:9000", "phases": ["prefix-test-1"], "repeats": [1]},
                       {"fault": "no-finish", "phases": ["prefix-test-2"]},
                       {"fault": "empty", "phases": ["prefix-test-3"]},
                       {"fault": "endless:100", "phases": ["long-prefix"], "repeats": [0]}]}}
P
"$TOKTAPE" synth profile.json -o made.toktape --json | jq -c '[.runs_total, .runs_failed]'
"$TOKTAPE" report --view runs --json made.toktape |
    jq -c '.runs[] | [.repeat, .phase, .ok, .valid, .http_status, .finish_reason, .invalid_causes, .error_kind]'
