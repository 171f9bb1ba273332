#!/usr/bin/python3
"""train_s.py S_EVIDENCE TOCSIN DATA WEIGHTS.h: trains the small network of the S path and writes its constants.

S_EVIDENCE is the built program of that name beside this file, TOCSIN the built server, DATA the recordings' folder. Positive are the looks 0.2 to 0.75 s after an analyst's S in
labelled-windows whose onset lies within 0.3 s of it, negative those before it, later than 1 s after it, all before it
when the search began some seconds before the P, and all after what TOCSIN picks in the noise records. Each window counts
twice: with three components and with the vertical alone. The windows of ncedc-picks are for testing alone: what the first look over each threshold makes of
them is printed. Needs python3-numpy.
"""
import csv, datetime, subprocess, sys
import numpy as np

MEASURES, UNITS, DECAY, EPOCHS, SEED = 18, 10, 1e-3, 80, 2
WINDOWS = {"stead": 1, "seisan": 1, "swiss": 1, "pnsn": 1, "martinique": 1, "norsar": 0.5}
EARLY_S = [2, 5]
NOISE = {"esec": 0.1, "norsar": 0.1}


def seconds(text):
    return datetime.datetime.fromisoformat(text.strip().rstrip("Z")).replace(tzinfo=datetime.timezone.utc).timestamp()


def evidence(program, options, path, lines):
    """Line, P, now, onset; measures."""
    out = subprocess.run([program, *options, path], input="".join(f"{s} {t:.4f}\n" for s, t in lines), capture_output=True, text=True, check=True).stdout
    x = np.array([[float(v) for v in line.split(",")] for line in out.splitlines()]).reshape(-1, 4 + MEASURES)
    return x[:, :4], x[:, 4:]


def truth_of(path, source=None):
    """Station, P, S (nan: not known)."""
    out = []
    for r in csv.DictReader(open(path)):
        if source is None or r["source"] == source:
            start, rate = seconds(r["window_start_utc"]), float(r.get("rate_hz") or 100)
            s = r["s_sample"]
            out.append((r["network"] + "." + r["station"], start + int(r["p_sample"]) / rate, start + int(s) / rate if s not in ("", "-1") else np.nan))
    return out


def labels(times, s):
    """1, 0 or -1 (of no use)."""
    late, error = times[:, 2] - s, np.abs(times[:, 3] - s)
    label = np.where((late < 0) | (late > 1), 0, -1)
    return np.where((late >= 0.2) & (late <= 0.75) & (error <= 0.3), 1, label)


def gather(program, tocsin, data):
    x, y, w, group = [], [], [], []
    for source, weight in WINDOWS.items():
        truth = [t for t in truth_of(data + "/labelled-windows/picks.csv", source) if not np.isnan(t[2])]
        s = np.array([t[2] for t in truth])
        for options, share in (([], 1), (["-v"], 0.5)):
            times, measures = evidence(program, options, f"{data}/labelled-windows/windows/{source}.mseed", [t[:2] for t in truth])
            label = labels(times, s[times[:, 0].astype(int)])
            use = label >= 0
            after = times[use, 2] > s[times[use, 0].astype(int)]
            x.append(measures[use]), y.append(label[use]), w.append(weight * share * np.where(after & (label[use] == 0), 0.1, 1))
        for early in EARLY_S:
            times, measures = evidence(program, [], f"{data}/labelled-windows/windows/{source}.mseed", [(t[0], t[1] - early) for t in truth])
            use = times[:, 2] < s[times[:, 0].astype(int)]
            x.append(measures[use]), y.append(np.zeros(use.sum())), w.append(np.full(use.sum(), 0.3 * weight))
    for source, share in NOISE.items():
        path = f"{data}/labelled-windows/noise/{source}.mseed"
        rows = csv.DictReader(subprocess.run([tocsin, "pick", path], capture_output=True, text=True, check=True).stdout.splitlines())
        lines = [(r["network"] + "." + r["station"], seconds(r["time_utc"])) for r in rows if r["phase"] == "P"]
        _, measures = evidence(program, [], path, lines)
        x.append(measures), y.append(np.zeros(len(measures))), w.append(np.full(len(measures), share))
    return np.vstack(x), np.concatenate(y).astype(float), np.concatenate(w)


def odds(x, net):
    return np.tanh(x @ net[0] + net[1]) @ net[2] + net[3][0]


def train(x, y, w):
    """Cross entropy with weight decay, Adam (Kingma & Ba 2015)."""
    draw = np.random.default_rng(SEED)
    net = [draw.normal(0, 1 / np.sqrt(x.shape[1]), (x.shape[1], UNITS)), np.zeros(UNITS), draw.normal(0, 1 / np.sqrt(UNITS), UNITS), np.array([-3.0])]
    first, second, step, batch = [np.zeros_like(p) for p in net], [np.zeros_like(p) for p in net], 0, 256
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


def first_looks(times, z, s, threshold):
    """Hits, wrong ones, median error, median delay of the first look over the threshold in each window."""
    hits, wrong, errors, delays = 0, 0, [], []
    for number in range(len(s)):
        over = np.flatnonzero((times[:, 0] == number) & (z >= threshold) & (times[:, 3] - times[:, 1] >= 0.3))
        if len(over) == 0:
            continue
        error = times[over[0], 3] - s[number]
        if abs(error) <= 0.5:
            hits += 1
            errors.append(abs(error)), delays.append(times[over[0], 2] - s[number])
        else:
            wrong += 1
    return hits, wrong, round(float(np.median(errors or [9])), 3), round(float(np.median(delays or [9])), 2)


def test(program, data, net):
    truth = truth_of(data + "/ncedc-picks/picks.csv")
    times, measures = evidence(program, [], data + "/ncedc-picks/waveforms.mseed", [t[:2] for t in truth])
    z = odds(measures, net)
    print("threshold,hits,wrong,median_error_s,median_delay_s")
    for threshold in np.arange(-2, 2.1, 0.5):
        print(threshold, *first_looks(times, z, np.array([t[2] for t in truth]), threshold), sep=",")


def table(rows):
    return ",\n".join("    {" + ", ".join(f"{v:.4f}f" for v in row) + "}" for row in rows)


def write(path, net, counts):
    with open(path, "w") as out:
        out.write(f"""/* shear_weights.h (inside picker/): the constants of the S path's small network, {MEASURES} measures to {UNITS} units to one.
 *
 * Written by train/train_s.py (cross entropy, Adam, weight decay {DECAY}, seed {SEED}) from {counts[1]} looks at S waves and {counts[0]} at what is none.
 * None of the windows of ncedc-picks was used.
 */
#ifndef TOCSIN_PICKER_SHEAR_WEIGHTS_H
#define TOCSIN_PICKER_SHEAR_WEIGHTS_H

#include "shear.h"

/* clang-format off */
enum {{ SHEAR_UNITS = {UNITS} }};

static const float shear_of_measure[SHEAR_MEASURES][SHEAR_UNITS] = {{
{table(net[0])},
}};
static const float shear_of_bias[SHEAR_UNITS] = {table([net[1]]).strip()};
static const float shear_of_unit[SHEAR_UNITS] = {table([net[2]]).strip()};
static const float shear_constant = {net[3][0]:.4f}f;
/* clang-format on */

#endif
""")


def main():
    program, tocsin, data, weights = sys.argv[1:5]
    x, y, w = gather(program, tocsin, data)
    mean, deviation = x.mean(0), x.std(0) + 1e-6
    net = train((x - mean) / deviation, y, w)
    net[0] = net[0] / deviation[:, None]
    net[1] = net[1] - mean @ net[0]
    test(program, data, net)
    write(weights, net, (int((y == 0).sum()), int((y == 1).sum())))


if __name__ == "__main__":
    main()
