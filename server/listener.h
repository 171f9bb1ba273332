/* listener.h: a TCP port that waits for connections, and what either end of one needs. */
#ifndef TOCSIN_LISTENER_H
#define TOCSIN_LISTENER_H

#include <sys/socket.h>

enum { LISTENER_PEER_TEXT = 64 };

/* A non-blocking listening socket on that IP (version 4 or 6) and port (0: any free one); -1: errno says why (EINVAL: no IP). */
int listener_open(const char *address, int port);
/* The port it got, -1 if it has none. */
int listener_port(int descriptor);
/* The next connection, non-blocking, small packets sent at once, dead peers found by the kernel; "IP:PORT" in `peer`. -1: errno says why. */
int listener_accept(int descriptor, char peer[LISTENER_PEER_TEXT]);

/* "IP:PORT" in `peer`; returns it. */
char *listener_name_peer(const struct sockaddr_storage *address, char peer[LISTENER_PEER_TEXT]);
/* Small packets at once. A peer may be silent for as long as it likes; one whose machine is gone is found by the kernel's probes. */
void listener_prepare(int descriptor);

#endif
