#!/usr/bin/python3
"""train_closer.py BUILD DATA WEIGHTS.h EXAMPLES.h: trains the network of judge_closer_log_odds() and writes its constants, and examples for its test.

As train.py, whose networks it makes first: only looks that these do not turn away are looked at closer. Three convolutions over the trace and a hidden layer
that hears the measures, too. The report is of networks that have seen nothing of a window's or a noise's station, the one that is written has seen all.
Needs python3-torch.
"""
import sys
import numpy as np
import torch
from looks import CHANNELS, LOOKS, QUARTERS, RATIOS, STEPS, Looks
from network import held_out_odds, line, table, train_folds
from recordings import FOLDS

WORTH, OUTPUTS, UNITS, EPOCHS, BATCH, RATE, DECAY, DROPPED = -4, 16, 24, 7, 256, 4e-3, 0.02, 0.3
SCALE = [0.5, 1 / 3]  # of the channels
NETS = 1  # of each fold, and of all; the mean of their odds


class Closer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        sizes, steps = [(CHANNELS, 7), (OUTPUTS, 5), (OUTPUTS, 5)], STEPS
        self.layers = torch.nn.ModuleList(torch.nn.Conv1d(n, OUTPUTS, width, stride=2, padding=width // 2) for n, width in sizes)
        for _ in sizes:
            steps = (steps + 1) // 2
        self.hidden, self.unit = torch.nn.Linear(steps * OUTPUTS + QUARTERS * CHANNELS + RATIOS + LOOKS, UNITS), torch.nn.Linear(UNITS, 1)
        self.drop = torch.nn.Dropout(DROPPED)

    def forward(self, wave, x):
        steps, quarters = wave[:, :, :STEPS], wave[:, :, STEPS:].transpose(1, 2).flatten(1)
        for layer in self.layers:
            steps = torch.relu(layer(steps))
        seen = torch.cat([self.drop(steps.transpose(1, 2).flatten(1)), quarters, x], 1)
        return self.unit(self.drop(torch.tanh(self.hidden(seen))))[:, 0]


def other(wave):
    """Turned upside down, begun some steps sooner or later, with a little noise: still the same."""
    wave, shift = wave.clone(), int(torch.randint(-3, 4, ()))
    steps = wave[:, :, :STEPS]
    steps[:, 0] *= 1 if torch.rand(()) < 0.5 else -1
    steps[:] = torch.roll(steps, shift, 2)
    steps[:, :, max(0, STEPS + shift) if shift < 0 else 0 : STEPS if shift < 0 else shift] = 0
    return wave + 0.03 * torch.randn_like(wave) * (wave != 0)


def train(wave, x, y, w, rows, seed):
    """Cross entropy, Adam with decoupled weight decay (Loshchilov & Hutter 2019)."""
    torch.manual_seed(seed)
    net = Closer()
    steps = EPOCHS * -(-len(rows) // BATCH)
    adam = torch.optim.AdamW(net.parameters(), weight_decay=DECAY)
    rate = torch.optim.lr_scheduler.OneCycleLR(adam, RATE, total_steps=steps)
    for _ in range(EPOCHS):
        order = rows[torch.randperm(len(rows)).numpy()]
        for i in range(0, len(order), BATCH):
            j = order[i : i + BATCH]
            loss = torch.nn.functional.binary_cross_entropy_with_logits(net(other(wave[j]), x[j]), y[j], weight=w[j], reduction="sum") / w[j].sum()
            adam.zero_grad()
            loss.backward()
            adam.step()
            rate.step()
    return net.eval()


def odds(nets, wave, x, rows):
    with torch.no_grad():
        return np.mean([np.concatenate([net(wave[j], x[j]).numpy() for j in np.array_split(rows, len(rows) // 1024 + 1)]) for net in nets], 0)


class Task:
    """What is looked at closer, brought to the same spread."""

    def __init__(self, looks):
        self.looks, y = looks, (looks.label == 1).astype(float)
        first = train_folds(looks.x, y, looks.weight, looks.fold, FOLDS, fixed=LOOKS)
        self.first = held_out_odds(looks.x, looks.fold, first, FOLDS)
        self.worth, used = self.first > WORTH, looks.weight > 0
        self.mean, self.deviation = looks.x[used].mean(0), looks.x[used].std(0) + 1e-3
        self.mean[-LOOKS:], self.deviation[-LOOKS:] = 0, 1
        self.wave = torch.from_numpy(looks.wave.astype(np.float32) * np.float32(SCALE)).transpose(1, 2).contiguous()
        self.x = torch.from_numpy(((looks.x - self.mean) / self.deviation).astype(np.float32))
        self.y, self.w = torch.from_numpy(y.astype(np.float32)), torch.from_numpy(looks.weight.astype(np.float32))

    def nets(self, fold):
        rows = np.flatnonzero(self.worth & (self.looks.weight > 0) & (self.looks.fold != fold))
        return [train(self.wave, self.x, self.y, self.w, rows, NETS * (fold + 1) + n) for n in range(NETS)]

    def odds(self, nets, rows):
        return odds(nets, self.wave, self.x, rows)


def held_out(task, of_all):
    closer, real = np.full(len(task.first), -9.0), task.worth & (task.looks.source != "")
    for f in range(FOLDS):
        rows = np.flatnonzero(real & (task.looks.fold == f))
        closer[rows] = task.odds(task.nets(f), rows)
        print("fold", f, flush=True)
    rows = np.flatnonzero(real & (task.looks.fold == -1))
    closer[rows] = task.odds(of_all, rows)
    return closer


def layer_table(net, number):
    """[width][inputs] rows of outputs; the scale of the channels is in the first."""
    weights = net.layers[number].weight.detach().numpy().transpose(2, 1, 0)
    if number == 0:
        weights = weights * np.float32(SCALE)[None, :, None]
    return table(weights.reshape(-1, OUTPUTS))


def hidden(net, task):
    """Rows of the steps and the quarters, of the measures, of the looks; the spread and the scale are undone."""
    of_input, bias = net.hidden.weight.detach().numpy().T.astype(float), net.hidden.bias.detach().numpy().astype(float)
    measures = of_input[-RATIOS - LOOKS : -LOOKS] / task.deviation[:RATIOS, None]
    trace = of_input[: -RATIOS - LOOKS]
    trace[-QUARTERS * CHANNELS :] *= np.tile(SCALE, QUARTERS)[:, None]
    return trace, measures, of_input[-LOOKS:] + bias - task.mean[:RATIOS] @ measures


def write(path, net, task):
    trace, measures, looks = hidden(net, task)
    label = task.looks.label[task.worth & (task.looks.weight > 0)]
    with open(path, "w") as out:
        out.write(f"""/* closer_weights.h (inside picker/): the constants of judge_closer_log_odds(): three convolutions and a hidden layer.
 *
 * Written by train/train_closer.py from {(label == 1).sum()} looks at P waves and {(label != 1).sum()} at what is none.
 * None of the 100 windows that tests/picker counts on was used.
 */
#ifndef TOCSIN_PICKER_CLOSER_WEIGHTS_H
#define TOCSIN_PICKER_CLOSER_WEIGHTS_H

#include "convolution.h"
#include "judge.h"

/* clang-format off */
enum {{ CLOSER_UNITS = {UNITS}, CLOSER_TRACE = {len(trace) - QUARTERS * CHANNELS}, CLOSER_INPUTS = {len(trace)} + JUDGE_MEASURES }};

""")
        for n, layer in enumerate(net.layers):
            width, inputs = layer.weight.shape[2], layer.weight.shape[1]
            out.write(f"static const float closer_{n + 1}[{width * inputs}][CONVOLUTION_OUTPUTS] = {{\n{layer_table(net, n)},\n}};\n")
            out.write(f"static const float closer_bias_{n + 1}[CONVOLUTION_OUTPUTS] = {line(layer.bias.detach().numpy())};\n")
        out.write(f"""static const float closer_of_look[CANDIDATE_LOOKS][CLOSER_UNITS] = {{
{table(looks)},
}};
static const float closer_of_input[CLOSER_INPUTS][CLOSER_UNITS] = {{
{table(np.r_[trace, measures])},
}};
static const float closer_of_unit[CLOSER_UNITS] = {line(net.unit.weight.detach().numpy()[0])};
#define CLOSER_CONSTANT ({net.unit.bias.item():.4f}f)
/* clang-format on */

#endif
""")


def write_examples(path, task, nets):
    some = np.flatnonzero(task.worth & (task.looks.label == 1))
    some = some[:: len(some) // 4][:4]
    with open(path, "w") as out:
        out.write(f"""/* Traces, measures and number of the look, and log odds of P waves, computed by picker/train/train_closer.py. */
#ifndef TOCSIN_TESTS_CLOSER_EXAMPLES_H
#define TOCSIN_TESTS_CLOSER_EXAMPLES_H

/* clang-format off */
static const float closer_traces[{len(some)}][{(STEPS + QUARTERS) * CHANNELS}] = {{
{table(task.looks.wave[some].reshape(len(some), -1).astype(float))},
}};
static const float closer_measures[{len(some)}][{RATIOS + 1}] = {{
{table(np.c_[task.looks.x[some, :RATIOS], task.looks.look[some]])},
}};
static const float closer_odds[{len(some)}] = {line(task.odds(nets, some))};
/* clang-format on */

#endif
""")


def main():
    build, data, weights, examples = sys.argv[1:5]
    torch.set_num_threads(1)
    task = Task(Looks(build, data))
    of_all = task.nets(-1)
    write(weights, of_all[0], task)
    write_examples(examples, task, of_all)
    task.looks.report("first sight", task.first)
    task.looks.report("closer", held_out(task, of_all))


if __name__ == "__main__":
    main()
