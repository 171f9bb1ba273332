#!/usr/bin/python3
"""train.py EVIDENCE DATA WEIGHTS.h: trains the small network of candidate_is_wave() and writes its constants.

EVIDENCE is the built program of that name beside this file, DATA the recordings' folder. Positive are the triggers within 0.5 s of an analyst's P in
labelled-windows, negative all before it and all in the noise records; norsar's P (emergent, filtered) are left out. Each window counts four times: as it
is, decimated to a third and differentiated with noise, decimated to half with noise, differentiated. The windows of ncedc-picks are for testing alone: what
the network makes of them is printed, threshold by threshold. Needs python3-numpy.
"""
import csv, datetime, subprocess, sys
import numpy as np

LOOKS, UNITS, DECAY, EPOCHS, SEED = 5, 12, 1e-3, 60, 2
VARIANTS = [([], 1.0), (["-d", "3", "-v", "-n", "1"], 0.4), (["-d", "2", "-n", "2"], 0.4), (["-v"], 0.4)]
WINDOWS = ["ncedc-p", "stead", "seisan", "swiss", "pnsn", "martinique", "norsar"]
NOISE = {"esec": 0.3, "norsar": 1.5}  # mass movements are signals, and they are most of the hours


def seconds(text):
    return datetime.datetime.fromisoformat(text.strip().rstrip("Z")).replace(tzinfo=datetime.timezone.utc).timestamp()


def evidence(program, options, path):
    """Station, [first, trigger, look], measures as judge.c bounds them."""
    out = subprocess.run([program, *options, path], capture_output=True, text=True, check=True).stdout
    rows = [line.split(",") for line in out.splitlines()]
    stations = np.array([r[0] for r in rows])
    x = np.array([[float(v) for v in r[1:]] for r in rows])
    peak, mean, up, contrast, spike, lasting, quiet_1, quiet_5, recent, band, low, middle, high = x[:, 3:].T
    log = lambda v, most, least=-14: np.clip(np.log(np.maximum(v, 1e-6)), least, most)
    measures = [log(peak, 6), log(mean, 6), up, np.minimum(contrast, 3), log(spike, 9), log(lasting, 1.5), log(quiet_1, 5, -3), log(quiet_5, 5, -3),
                np.minimum(recent, 12) / 5, band / 3, np.clip(low, -2, 7), np.clip(middle, -2, 7), np.clip(high, -2, 7)]
    return stations, x[:, :3], np.stack(measures, 1)


def labelled(stations, times, truth):
    """1: a P, 0: before it, -1: after it, of no use; and the number of the window."""
    label, window = np.full(len(stations), -1), np.full(len(stations), -1)
    for number, (station, start, p) in enumerate(truth):
        mine = (stations == station) & (times[:, 0] > start - 1) & (times[:, 0] < start + 400)
        after = times[:, 0] - (start + p)
        again = times[:, 1] - (start + p)
        after = np.where(np.abs(again) <= 0.5, again, after)
        window[mine] = number
        label[mine & (after < -0.5)] = 0
        label[mine & (np.abs(after) <= 0.5)] = 1
    return label, window


def truth_of(path, source=None):
    rows = [r for r in csv.DictReader(open(path)) if source is None or r["source"] == source]
    return [(r["network"] + "." + r["station"], seconds(r["window_start_utc"]), int(r["p_sample"]) / float(r.get("rate_hz") or 100)) for r in rows]


def inputs(times, measures):
    return np.c_[measures, np.eye(LOOKS)[times[:, 2].astype(int)]]


def gather(program, data):
    x, y, w = [], [], []
    for options, weight in VARIANTS:
        for source in WINDOWS:
            stations, times, measures = evidence(program, options, f"{data}/labelled-windows/windows/{source}.mseed")
            label, _ = labelled(stations, times, truth_of(data + "/labelled-windows/picks.csv", source))
            use = label == 0 if source == "norsar" else label >= 0
            x.append(inputs(times[use], measures[use])), y.append(label[use]), w.append(np.full(use.sum(), weight))
        for source, share in NOISE.items():
            _, times, measures = evidence(program, options, f"{data}/labelled-windows/noise/{source}.mseed")
            x.append(inputs(times, measures)), y.append(np.zeros(len(times))), w.append(np.full(len(times), weight * share))
    return np.vstack(x), np.concatenate(y).astype(float), np.concatenate(w)


def odds(x, net):
    return np.tanh(x @ net[0] + net[1]) @ net[2] + net[3][0]


def train(x, y, w):
    """Cross entropy with weight decay, Adam (Kingma & Ba 2015)."""
    draw = np.random.default_rng(SEED)
    net = [draw.normal(0, 1 / np.sqrt(x.shape[1]), (x.shape[1], UNITS)), np.zeros(UNITS), draw.normal(0, 1 / np.sqrt(UNITS), UNITS), np.array([-3.0])]
    first, second, step, batch = [np.zeros_like(p) for p in net], [np.zeros_like(p) for p in net], 0, 1024
    for epoch in range(EPOCHS):
        rate, order = 4e-3 * (1 - epoch / EPOCHS) + 5e-5, draw.permutation(len(x))
        for i in range(0, len(order), batch):
            j = order[i : i + batch]
            hidden = np.tanh(x[j] @ net[0] + net[1])
            p = 1 / (1 + np.exp(-np.clip(hidden @ net[2] + net[3][0], -30, 30)))
            g = w[j] * (p - y[j]) / batch
            back = np.outer(g, net[2]) * (1 - hidden * hidden)
            gradient = [x[j].T @ back + DECAY * net[0], back.sum(0), hidden.T @ g + DECAY * net[2], np.array([g.sum()])]
            step += 1
            for q in range(4):
                first[q] = 0.9 * first[q] + 0.1 * gradient[q]
                second[q] = 0.999 * second[q] + 0.001 * gradient[q] ** 2
                net[q] = net[q] - rate * (first[q] / (1 - 0.9**step)) / (np.sqrt(second[q] / (1 - 0.999**step)) + 1e-8)
    return net


def test(program, data, net):
    stations, times, measures = evidence(program, [], data + "/ncedc-picks/waveforms.mseed")
    label, window = labelled(stations, times, truth_of(data + "/ncedc-picks/picks.csv"))
    z = odds(inputs(times, measures), net)
    print("threshold,windows_found,triggers_before_p")
    for threshold in np.arange(-2, 1.1, 0.25):
        over = z >= threshold
        print(f"{threshold},{len(set(window[over & (label == 1)]))},{len(set(zip(stations[over & (label == 0)], times[over & (label == 0), 0])))}")


def table(rows):
    return ",\n".join("    {" + ", ".join(f"{v:.4f}f" for v in row) + "}" for row in rows)


def write(path, net, counts):
    measures = len(net[0]) - LOOKS
    with open(path, "w") as out:
        out.write(f"""/* judge_weights.h (inside picker/): the constants of candidate_is_wave()'s small network, {measures} measures to {UNITS} units to one.
 *
 * Written by train/train.py (cross entropy, Adam, weight decay {DECAY}, seed {SEED}) from {counts[1]} looks at P waves and {counts[0]} at what is none. None of
 * the 100 windows that tests/picker counts on was used.
 */
#ifndef TOCSIN_PICKER_JUDGE_WEIGHTS_H
#define TOCSIN_PICKER_JUDGE_WEIGHTS_H

#include "candidate.h"

/* clang-format off */
enum {{ JUDGE_MEASURES = {measures}, JUDGE_UNITS = {UNITS} }};

static const float judge_of_look[CANDIDATE_LOOKS][JUDGE_UNITS] = {{
{table(net[1] + net[0][measures:])},
}};
static const float judge_of_measure[JUDGE_MEASURES][JUDGE_UNITS] = {{
{table(net[0][:measures])},
}};
static const float judge_of_unit[JUDGE_UNITS] = {table([net[2]]).strip()};
static const float judge_constant = {net[3][0]:.4f}f;
/* clang-format on */

#endif
""")


def main():
    program, data, weights = sys.argv[1:4]
    x, y, w = gather(program, data)
    mean, deviation = x.mean(0), x.std(0) + 1e-6
    mean[-LOOKS:], deviation[-LOOKS:] = 0, 1
    net = train((x - mean) / deviation, y, w)
    net[0] = net[0] / deviation[:, None]
    net[1] = net[1] - mean @ net[0]
    test(program, data, net)
    write(weights, net, (int((y == 0).sum()), int((y == 1).sum())))


main()
