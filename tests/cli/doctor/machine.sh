#!/bin/sh
# What doctor finds on a machine without sensors, on one with all that files can describe, and why it finds nothing.
# shellcheck disable=SC1091,SC2034,SC2154
. "$TESTS/cli/doctor/common"
url=
echo "--- nothing"
machine
doctor
echo "--- everything"
put package-0 sys/class/powercap/intel-rapl:0/name
put 1000 sys/class/powercap/intel-rapl:0/energy_uj
put 262143328850 sys/class/powercap/intel-rapl:0/max_energy_range_uj
put amdgpu sys/class/hwmon/hwmon0/name
put 88000000 sys/class/hwmon/hwmon0/power1_average
put PPT sys/class/hwmon/hwmon0/power1_label
put Battery sys/class/power_supply/BAT0/type
put Discharging sys/class/power_supply/BAT0/status
put 7000000 sys/class/power_supply/BAT0/power_now
put "some avg10=0.00 avg60=0.00 avg300=0.00 total=777" proc/pressure/memory
put balanced sys/firmware/acpi/platform_profile
unset FAKE_NVML_FAIL
put performance sys/devices/system/cpu/cpu0/cpufreq/scaling_governor
doctor
echo "--- with a counter that moves"
(
    energy=1000
    while mv "$root/new" "$root/sys/class/powercap/intel-rapl:0/energy_uj" 2>/dev/null || :; do
        energy=$((energy + 1000))
        put "$energy" new
        sleep 0.05
    done
) &
mover=$!
doctor | grep -A 1 rapl
kill "$mover"
wait "$mover" 2>/dev/null
export FAKE_NVML_FAIL=lost
echo "--- a counter that may not be read, and a machine that saves power"
rm "$root/sys/class/powercap/intel-rapl:0/energy_uj"
mkdir "$root/sys/class/powercap/intel-rapl:0/energy_uj" # nobody can read a folder, not even root
put low-power sys/firmware/acpi/platform_profile
doctor --json | grep -v '^exit' >report.json
jq -c '.ok, (.items[] | select(.name | test("rapl|nvml|power mode")))' report.json | sed "s,$root,ROOT,"
