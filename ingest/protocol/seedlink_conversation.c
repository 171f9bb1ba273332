#include "seedlink_conversation.h"

#include <stdio.h>
#include <string.h>

bool seedlink_fail(protocol_client *client, const char *text)
{
  if (!client->fault[0])
    snprintf(client->fault, sizeof client->fault, "%s", text);
  return false;
}

void seedlink_note(const protocol_sink *sink, int severity, const char *text)
{
  sink->note(sink->user, severity, text);
}

void seedlink_say(const protocol_sink *sink, const char *line)
{
  sink->send(sink->user, line, strlen(line));
}

/* What must not be read on the way goes over TLS only; the protocol has no place for blanks in it. */
bool seedlink_may_authenticate(const protocol_client_setup *setup)
{
  const char *said[] = {setup->user, setup->password, setup->token};
  for (size_t i = 0; i < sizeof said / sizeof *said; i++)
    if (said[i] && strpbrk(said[i], " \t\r\n"))
      return false;
  return setup->encrypted || setup->plain_authentication;
}
