/* verbs.h: the verbs of the operator's command: each gets its own arguments (argv[0] is the verb) and returns the exit status:
 * 0 done, 1 it could not be done (said on stderr), 2 called wrongly. Data go to stdout, messages to stderr. */
#ifndef TOCSIN_VERBS_H
#define TOCSIN_VERBS_H

int verb_associate(int argc, char **argv);
int verb_check(int argc, char **argv);
int verb_intensity(int argc, char **argv);
int verb_key(int argc, char **argv);
int verb_magnitude(int argc, char **argv);
int verb_pick(int argc, char **argv);
int verb_play(int argc, char **argv);
int verb_replay(int argc, char **argv);
int verb_scan(int argc, char **argv);
int verb_scenario(int argc, char **argv);
int verb_serve(int argc, char **argv);
int verb_status(int argc, char **argv);
int verb_watch(int argc, char **argv);
int verb_why(int argc, char **argv);

#endif
