#!/usr/bin/python3
"""train.py BUILD DATA WEIGHTS.h EXAMPLES.h: trains the networks of candidate_log_odds() and writes their constants, and examples for their test.

BUILD holds the built programs traces and evidence, DATA is the recordings' folder. Positive are the triggers at an analyst's P in labelled-windows, negative
all before it, all in the noise records and, for less, what comes after the P. Printed for each threshold is what is found and what is false, each window
and each noise judged by the networks that have seen nothing of its station; the windows of ncedc-picks are for testing alone and judged by all networks.
"""
import sys
import numpy as np
from looks import LOOKS, RATIOS, Looks
from network import held_out_odds, line, odds, side_by_side, table, train_folds, write_examples
from recordings import FOLDS


def write(path, net, label, nets):
    with open(path, "w") as out:
        out.write(f"""/* judge_weights.h (inside picker/): the constants of judge_log_odds(): {nets} networks side by side, each of {RATIOS} measures and the number of the look.
 *
 * Written by train/train.py from {(label == 1).sum()} looks at P waves and {((label == 0) | (label == 2)).sum()} at what is none; each network has seen four fifths of the stations.
 * None of the 100 windows that tests/picker counts on was used.
 */
#ifndef TOCSIN_PICKER_JUDGE_WEIGHTS_H
#define TOCSIN_PICKER_JUDGE_WEIGHTS_H

#include "judge.h"

/* clang-format off */
enum {{ JUDGE_UNITS = {len(net[2])} }};

static const float judge_of_look[CANDIDATE_LOOKS][JUDGE_UNITS] = {{
{table(net[1] + net[0][RATIOS:])},
}};
static const float judge_of_measure[JUDGE_MEASURES][JUDGE_UNITS] = {{
{table(net[0][:RATIOS])},
}};
static const float judge_of_unit[JUDGE_UNITS] = {line(net[2])};
#define JUDGE_CONSTANT ({net[3][0]:.4f}f)
/* clang-format on */

#endif
""")


def main():
    build, data, weights, examples = sys.argv[1:5]
    l = Looks(build, data)
    nets = train_folds(l.x, (l.label == 1).astype(float), l.weight, l.fold, FOLDS, fixed=LOOKS)
    l.report("first sight", held_out_odds(l.x, l.fold, nets, FOLDS))
    net = side_by_side(nets)
    write(weights, net, l.label[l.weight > 0], len(nets))
    some = np.flatnonzero(l.label == 1)[:: np.sum(l.label == 1) // 8][:8]
    write_examples(examples, "judge", np.c_[l.rows[some, 4:], l.look[some]], odds(l.x[some], net), "Measures, number of the look and log odds of P waves")


if __name__ == "__main__":
    main()
