/* One flow of the service as its database sees it: statements, the values bound to them, and their order.
 *
 * The texts are those of lib/store, with ? for each value; scripts/bench compares them with what a server really runs
 * before it believes a comparison. */
#ifndef SMSAUTH_LOAD_FLOW_H
#define SMSAUTH_LOAD_FLOW_H

#include <stddef.h>
#include <stdint.h>

enum { max_values = 26, marks_per_statement = 8, uids_per_block = 100 };

/* What the statements of a flow are about; texts as long as the service's own. */
struct flow {
  char phone[16];
  char message_id[33];
  char mac[65];
  char sealed_body[312];
  char public_id[33];
  char username[16];
  char session_id[33];
  char refresh_hash[65];
  long long uid;
  long long now_ms;
  char marked[marks_per_statement][33]; /* message ids of outbox.finish8 */
};

struct value {
  const char* text; /* NULL: number */
  long long number;
};

struct statement {
  const char* name;
  const char* sqlite;
  const char* mysql;  /* NULL: the same */
  const char* values; /* a letter for each ?; see value_of() */
  int has_rows;
};

enum statement_id {
  charge_send,
  record_code,
  record_message, /* send */
  charge_try,
  consume_code,
  note_used,
  clear_tries,
  find_by_phone,
  claim_identity,
  create_account,
  create_session,
  finish_messages, /* eight at a time */
  move_sequence,
  read_sequence, /* once for uids_per_block flows */
  statement_count
};

extern const struct statement statements[statement_count];

struct value value_of(const struct flow* of, char letter);

/* The `position`-th flow: a number never used before, ids and hashes that look random. */
void make_flow(struct flow* made, uint64_t position, long long uid);

/* Before the first flow: two runs on one database must not make the same ids. */
void seed_flows(uint64_t seed);

long long now_ms(void);

#endif
