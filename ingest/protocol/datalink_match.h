/* datalink_match.h: a feed's selections as DataLink's regular expressions. For this folder's own use. */
#ifndef TOCSIN_PROTOCOL_DATALINK_MATCH_H
#define TOCSIN_PROTOCOL_DATALINK_MATCH_H

#include "growing_text.h"
#include "protocol.h"

/* What MATCH and REJECT get (PCRE, unanchored); empty: nothing to reject. Both forms of stream identifiers are meant, FDSN:NET_STA_LOC_B_S_SS and the
   older NET_STA_LOC_CHA, of miniSEED alone. */
void datalink_match(const protocol_client_setup *setup, growing_text *regex);
void datalink_reject(const protocol_client_setup *setup, growing_text *regex);

#endif
