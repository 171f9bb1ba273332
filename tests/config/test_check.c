/* `tocsin check` as an operator runs it: what it says, its exit status, and that it leaves Redis as it was. */
#include "data.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <hiredis/hiredis.h>

#include "signer.h"

static char folder[] = "/tmp/tocsin-check-XXXXXX";
static pid_t redis;
static redisContext *admin;

/* ---- a private Redis with the users of an installation ---- */

static const char redis_configuration[] = "port 0\nunixsocket redis.sock\nsave \"\"\nappendonly no\nlogfile redis.log\n"
                                          "user service on >one resetkeys ~tocsin:* resetchannels &tocsin:* -@all +publish +xadd +get +mget +set "
                                          "+pexpire +del +eval +evalsha +script|load +ping\n"
                                          "user drill on >two resetkeys ~tocsin:exercise:* resetchannels &tocsin:exercise:* -@all +publish +xadd "
                                          "+get +mget +set +pexpire +del +eval +evalsha "
                                          "+script|load +ping\n"
                                          "user reader on >two resetkeys ~tocsin:* resetchannels &tocsin:* -@all +get +eval\n";

static char *in_folder(const char *name)
{
  static char paths[8][128];
  static unsigned next;
  char *path = paths[next++ % 8];
  snprintf(path, sizeof paths[0], "%s/%s", folder, name);
  return path;
}

static void write_file(const char *name, const char *text)
{
  FILE *file = fopen(in_folder(name), "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
}

static void connect_admin(void)
{
  for (int i = 0; i < 500 && !admin; i++) {
    admin = redisConnectUnix(in_folder("redis.sock"));
    if (admin && admin->err) {
      redisFree(admin);
      admin = NULL;
      nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
  }
  assert_non_null(admin);
}

static int start(void **state)
{
  (void)state;
  assert_non_null(mkdtemp(folder));
  write_file("redis.conf", redis_configuration);
  write_file("one", "one\n");
  write_file("two", "two\n");
  redis = fork();
  if (redis == 0) {
    if (chdir(folder) == 0)
      execlp("redis-server", "redis-server", "redis.conf", (char *)NULL);
    _exit(127);
  }
  connect_admin();
  return 0;
}

static int stop(void **state)
{
  (void)state;
  char command[160];
  redisFree(admin);
  kill(redis, SIGTERM);
  waitpid(redis, NULL, 0);
  snprintf(command, sizeof command, "rm -r %s", folder);
  return system(command);
}

static void tell_redis(const char *command)
{
  redisReply *reply = redisCommand(admin, command);
  assert_non_null(reply);
  assert_int_not_equal(reply->type, REDIS_REPLY_ERROR);
  freeReplyObject(reply);
}

static long long keys_in_redis(void)
{
  redisReply *reply = redisCommand(admin, "DBSIZE");
  assert_non_null(reply);
  long long count = reply->integer;
  freeReplyObject(reply);
  return count;
}

/* ---- running it ---- */

static char said[65536];

/* `tocsin check ARGUMENTS` in the folder; what it writes to both outputs is in `said`. */
static int check(const char *arguments)
{
  char command[512];
  snprintf(command, sizeof command, "cd %s && %s check %s 2>&1", folder, build_path("tocsin"), arguments);
  FILE *pipe = popen(command, "r");
  assert_non_null(pipe);
  said[fread(said, 1, sizeof said - 1, pipe)] = '\0';
  int status = pclose(pipe);
  assert_true(WIFEXITED(status));
  return WEXITSTATUS(status);
}

static int check_file(const char *text, const char *arguments)
{
  char all[256];
  write_file("tocsin.yaml", text);
  snprintf(all, sizeof all, "--config tocsin.yaml %s", arguments);
  return check(all);
}

static int check_redis(const char *users)
{
  char text[512];
  snprintf(text, sizeof text, "redis:\n  address: redis.sock\n  port: 0\n%s", users);
  return check_file(text, "");
}

static void assert_said(const char *needle)
{
  if (!strstr(said, needle))
    fail_msg("expected `%s` in\n%s", needle, said);
}

static void assert_not_said(const char *needle)
{
  if (strstr(said, needle))
    fail_msg("found `%s` in\n%s", needle, said);
}

/* ---- configuration ---- */

static void the_defaults_are_without_fault(void **state)
{
  (void)state;
  assert_int_equal(check("--no-redis"), 0);
  assert_said("ok     configuration  the defaults");
  assert_said("ok     model          iasp91");
  assert_said("\nfaults: 0\n");
}

static void every_fault_of_a_file_is_told_with_its_place_and_counted(void **state)
{
  (void)state;
  assert_int_equal(check_file("server:\n  nmae: x\nredis:\n  address: localhost\n", "--no-redis"), 1);
  assert_said("fault  configuration  tocsin.yaml:2:3: unknown setting `server.nmae`; did you mean `name`?");
  assert_said("fault  configuration  tocsin.yaml:4:12: `redis.address` must be an IP address");
  assert_said("\nfaults: 2\n");
}

static void a_file_that_is_not_there_is_a_fault(void **state)
{
  (void)state;
  assert_int_equal(check("--config nowhere.yaml --no-redis"), 1);
  assert_said("nowhere.yaml: cannot be read: No such file or directory; `tocsin check --example`");
}

static void nobody_to_warn_is_a_fault(void **state)
{
  (void)state;
  assert_int_equal(check_file("rules: {targets_from_stations: false}\n", "--no-redis"), 1);
  assert_said("fault  targets");
}

static void a_wrong_call_ends_with_2(void **state)
{
  (void)state;
  assert_int_equal(check("--no-such-option"), 2);
  assert_int_equal(check("tocsin.yaml"), 2);
  assert_said("`--config FILE` names the configuration");
  assert_int_equal(check("--config"), 2);
}

static void help_names_every_option(void **state)
{
  (void)state;
  assert_int_equal(check("--help"), 0);
  assert_said("--config FILE");
  assert_said("--inventory DIR");
  assert_said("--no-redis");
  assert_said("--feeds");
  assert_said("--example");
  assert_said("working directory");
  assert_said("Exit status");
}

static void the_example_can_be_redirected_and_checked(void **state)
{
  (void)state;
  assert_int_equal(check("--example > example.yaml"), 0);
  assert_int_equal(check("--config example.yaml --no-redis"), 0);
  assert_said("\nfaults: 0\n");
}

/* ---- what it names ---- */

static void a_key_must_be_there_and_private(void **state)
{
  (void)state;
  static const char file[] = "server: {key: station.key}\n";
  assert_int_equal(check_file(file, "--no-redis"), 1);
  assert_said("fault  key            station.key");
  assert_said("tocsin key create");
  assert_true(signer_create(in_folder("station.key")));
  assert_int_equal(check_file(file, "--no-redis"), 0);
  assert_said("ok     key            station.key, key id ");
  chmod(in_folder("station.key"), 0644);
  assert_int_equal(check_file(file, "--no-redis"), 1);
  assert_said("chmod 600 station.key");
}

static void what_a_feed_names_must_be_readable_by_its_owner_alone_and_its_server_there(void **state)
{
  (void)state;
  static const char file[] = "feeds: [{name: near, address: 127.0.0.1, port: 1, tls: true, ca_file: none.pem, user: me, password_file: secret}]\n";
  assert_int_equal(check_file(file, "--no-redis"), 1);
  assert_said("fault  feed           near: secret: No such file");
  assert_said("fault  feed           near: no certificate authority can be read from none.pem");
  write_file("secret", "word\n");
  chmod(in_folder("secret"), 0644);
  assert_int_equal(check_file(file, "--no-redis"), 1);
  assert_said("everybody on this machine may read secret (`password_file`); chmod 600");
  chmod(in_folder("secret"), 0600);
  static const char plain[] = "feeds: [{name: near, address: 127.0.0.1, port: 1, selections: XX.* HN?}]\n";
  assert_int_equal(check_file(plain, "--no-redis"), 0);
  assert_said("ok     feeds          1, what they name can be read");
  assert_int_equal(check_file(plain, "--no-redis --feeds"), 1);
  assert_said("fault  server         near: 127.0.0.1:1 refuses connections");
  assert_int_equal(check_file("feeds: [{name: near, address: 127.0.0.1, selections: XX.* BHZBHZ}]\n", "--no-redis"), 1);
  assert_said("`BHZBHZ` is no selector");
}

static void a_model_must_be_known_or_readable(void **state)
{
  (void)state;
  assert_int_equal(check_file("locator: {model: north-chyna}\n", "--no-redis"), 1);
  assert_said("fault  model          `locator.model` is `north-chyna`");
  write_file("model.csv", "depth_km,vp_km_s,vs_km_s\n0,6,nonsense\n");
  assert_int_equal(check_file("locator: {model: model.csv}\n", "--no-redis"), 1);
  assert_said("fault  model          model.csv: ");
  write_file("model.csv", "depth_km,vp_km_s,vs_km_s\n0,6,3.5\n30,8,4.5\n");
  assert_int_equal(check_file("locator: {model: model.csv}\n", "--no-redis"), 0);
  assert_said("ok     model          model.csv, 2 nodes");
}

static void station_corrections_must_be_a_table(void **state)
{
  (void)state;
  assert_int_equal(check_file("locator: {corrections: none.csv}\n", "--no-redis"), 1);
  assert_said("fault  corrections    `locator.corrections` is `none.csv`: No such file");
  write_file("late.csv", "network,station,phase,seconds\nXX,A,P,late\n");
  assert_int_equal(check_file("locator: {corrections: late.csv}\n", "--no-redis"), 1);
  assert_said("fault  corrections    late.csv: line 2: `XX,A,P,late` lacks a field or its seconds are no number");
  write_file("late.csv", "network,station,phase,seconds\nXX,A,P,0.3\n");
  assert_int_equal(check_file("locator: {corrections: late.csv}\n", "--no-redis"), 0);
  assert_said("ok     corrections    late.csv, 1 of them");
}

static void past_seismicity_must_be_a_list(void **state)
{
  (void)state;
  write_file("past.csv", "latitude_deg,longitude_deg\n41,122\n95,122\n");
  assert_int_equal(check_file("locator: {seismicity: past.csv}\n", "--no-redis"), 1);
  assert_said("fault  seismicity     past.csv: line 3: latitude `95`; it must be a number within -90..90");
  write_file("past.csv", "latitude_deg,longitude_deg\n41,122\n");
  assert_int_equal(check_file("locator: {seismicity: past.csv}\n", "--no-redis"), 0);
  assert_said("ok     seismicity     past.csv, 1 earthquakes");
}

static void regions_are_held_against_the_rest(void **state)
{
  (void)state;
  assert_int_equal(check_file("regions:\n"
                              "  - {name: gulf, outline: \"41 122, 42 122\"}\n"
                              "  - {name: bay, outline: \"41 122, 42 122, 42 124\", maximum_depth_km: 300}\n"
                              "  - name: sea\n"
                              "    outline: \"41 122, 42 122, 42 124\"\n"
                              "    model: north-chyna\n"
                              "    minimum_depth_km: 50\n"
                              "    maximum_depth_km: 40\n",
                              "--no-redis"),
                   1);
  assert_said("tocsin.yaml:2:27: `regions.1.outline` of `gulf`: 2 corners; give at least three");
  assert_said("tocsin.yaml:3:70: `maximum_depth_km` of a region must not exceed `locator.maximum_depth_km`");
  assert_said("tocsin.yaml:7:23: `minimum_depth_km` of a region must lie above its `maximum_depth_km`");
  assert_said("fault  model          `regions.3.model` is `north-chyna`");
}

static void put_station(FILE *file, const char *code, double latitude, double longitude, const char *components)
{
  fprintf(file, "<Station code=\"%s\"><Latitude>%g</Latitude><Longitude>%g</Longitude><Elevation>0</Elevation>", code, latitude, longitude);
  for (; *components; components++)
    fprintf(file,
            "<Channel code=\"HN%c\" locationCode=\"00\" startDate=\"2000-01-01T00:00:00Z\"><Latitude>%g</Latitude><Longitude>%g</Longitude>"
            "<Elevation>0</Elevation><Depth>0</Depth><Azimuth>%d</Azimuth><Dip>%d</Dip><SampleRate>100</SampleRate><Response><InstrumentSensitivity>"
            "<Value>1000</Value><Frequency>1</Frequency><InputUnits><Name>M/S**2</Name></InputUnits><OutputUnits><Name>COUNTS</Name></OutputUnits>"
            "</InstrumentSensitivity></Response></Channel>",
            *components, latitude, longitude, *components == 'E' ? 90 : 0, *components == 'Z' ? -90 : 0);
  fputs("</Station>", file);
}

static void write_inventory(double latitude, double longitude, const char *components)
{
  FILE *file = fopen(in_folder("stations.xml"), "w");
  assert_non_null(file);
  fputs("<?xml version=\"1.0\"?><FDSNStationXML xmlns=\"http://www.fdsn.org/xml/station/1\" schemaVersion=\"1.1\"><Source>t</Source>"
        "<Created>2020-01-01T00:00:00Z</Created><Network code=\"LN\">",
        file);
  put_station(file, "AAA", 41, 123, components);
  put_station(file, "BBB", latitude, longitude, "NE");
  fputs("</Network></FDSNStationXML>", file);
  fclose(file);
}

static void an_inventory_is_counted_and_its_gaps_named(void **state)
{
  (void)state;
  write_inventory(40, 122, "ZNE");
  assert_int_equal(check("--no-redis --inventory stations.xml"), 1);
  assert_said("ok     inventory      stations.xml, 2 sensors at 2 sites in 1 files, 5 epochs; 1 faults and 0 notes above");
  assert_said("fault  inventory      stations.xml:1: LN.BBB.00.HNN: its sensor has no vertical component and gives no P picks; add");
}

static void a_station_that_cannot_be_used_is_a_fault_in_its_line(void **state)
{
  (void)state;
  write_inventory(0, 0, "ZNE");
  assert_int_equal(check_file("server: {inventory: stations.xml}\n", "--no-redis"), 1);
  assert_said("fault  inventory      stations.xml:1: ");
  assert_said("ok     inventory      stations.xml, 1 sensors at 1 sites");
}

static void an_inventory_without_verticals_or_without_files_is_a_fault(void **state)
{
  (void)state;
  write_inventory(40, 122, "NE");
  assert_int_equal(check("--no-redis --inventory stations.xml"), 1);
  assert_said("fault  inventory      no sensor has a vertical component");
  assert_int_equal(check("--no-redis --inventory nowhere"), 1);
  assert_said("fault  inventory      nowhere: No such file or directory");
  mkdir(in_folder("empty"), 0700);
  assert_int_equal(check("--no-redis --inventory empty"), 1);
  assert_said("fault  inventory      empty: no such file in it");
}

/* ---- Redis ---- */

static void a_redis_that_is_not_there_is_a_fault(void **state)
{
  (void)state;
  assert_int_equal(check_file("redis: {port: 0, address: nowhere.sock}\n", ""), 1);
  assert_said("fault  redis          nowhere.sock port 0: no connection (No such file or directory); start redis-server");
}

static void users_with_the_rights_of_the_daemon_are_without_fault(void **state)
{
  (void)state;
  assert_int_equal(check_redis("  user: service\n  password_file: one\n  exercise_user: drill\n  exercise_password_file: two\n"), 0);
  assert_said("ok     redis          user service may publish and append on tocsin:*");
  assert_said("ok     redis exercise user drill may publish and append on tocsin:exercise:*");
  assert_said("ok     redis exercise user drill is kept off the actual channels");
}

static void an_exercise_user_who_could_speak_on_actual_channels_is_a_fault(void **state)
{
  (void)state;
  assert_int_equal(check_redis("  exercise_user: service\n  exercise_password_file: one\n"), 1);
  assert_said("fault  redis exercise user `service` may speak on the actual channels; ACL SETUSER service resetkeys");
}

static void missing_rights_are_named_with_the_rule_that_gives_them(void **state)
{
  (void)state;
  assert_int_equal(check_redis("  user: reader\n  password_file: two\n"), 1);
  assert_said("user `reader` may not use PUBLISH, XADD, MGET");
  assert_not_said("GET, SET (lease), GET");
  assert_said("ACL SETUSER reader ~tocsin:* &tocsin:*");
}

static void a_refused_user_is_a_fault_that_names_its_settings(void **state)
{
  (void)state;
  assert_int_equal(check_redis("  user: stranger\n  password_file: one\n"), 1);
  assert_said("user `stranger` is refused (WRONGPASS");
  assert_said("`redis.user` and `redis.password_file`");
  assert_int_equal(check_redis("  user: service\n  password_file: nowhere\n"), 1);
  assert_said("nowhere: No such file or directory; it is named by `redis.password_file`");
}

static void a_memory_policy_that_forgets_the_lease_is_a_fault(void **state)
{
  (void)state;
  tell_redis("CONFIG SET maxmemory 100mb maxmemory-policy allkeys-lru");
  assert_int_equal(check_redis(""), 1);
  assert_said("maxmemory-policy is allkeys-lru");
  tell_redis("CONFIG SET maxmemory-policy noeviction");
  assert_int_equal(check_redis(""), 0);
}

static void a_key_in_the_place_of_a_stream_is_a_fault(void **state)
{
  (void)state;
  tell_redis("SET tocsin:alert text");
  assert_int_equal(check_redis(""), 1);
  assert_said("the key tocsin:alert is a string");
  tell_redis("DEL tocsin:alert");
}

static void nothing_is_written_to_redis(void **state)
{
  (void)state;
  assert_int_equal(keys_in_redis(), 0);
  assert_int_equal(check_redis(""), 0);
  assert_int_equal(keys_in_redis(), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_defaults_are_without_fault),
      cmocka_unit_test(every_fault_of_a_file_is_told_with_its_place_and_counted),
      cmocka_unit_test(a_file_that_is_not_there_is_a_fault),
      cmocka_unit_test(nobody_to_warn_is_a_fault),
      cmocka_unit_test(a_wrong_call_ends_with_2),
      cmocka_unit_test(help_names_every_option),
      cmocka_unit_test(the_example_can_be_redirected_and_checked),
      cmocka_unit_test(a_key_must_be_there_and_private),
      cmocka_unit_test(what_a_feed_names_must_be_readable_by_its_owner_alone_and_its_server_there),
      cmocka_unit_test(a_model_must_be_known_or_readable),
      cmocka_unit_test(station_corrections_must_be_a_table),
      cmocka_unit_test(past_seismicity_must_be_a_list),
      cmocka_unit_test(regions_are_held_against_the_rest),
      cmocka_unit_test(an_inventory_is_counted_and_its_gaps_named),
      cmocka_unit_test(a_station_that_cannot_be_used_is_a_fault_in_its_line),
      cmocka_unit_test(an_inventory_without_verticals_or_without_files_is_a_fault),
      cmocka_unit_test(a_redis_that_is_not_there_is_a_fault),
      cmocka_unit_test(users_with_the_rights_of_the_daemon_are_without_fault),
      cmocka_unit_test(an_exercise_user_who_could_speak_on_actual_channels_is_a_fault),
      cmocka_unit_test(missing_rights_are_named_with_the_rule_that_gives_them),
      cmocka_unit_test(a_refused_user_is_a_fault_that_names_its_settings),
      cmocka_unit_test(a_memory_policy_that_forgets_the_lease_is_a_fault),
      cmocka_unit_test(a_key_in_the_place_of_a_stream_is_a_fault),
      cmocka_unit_test(nothing_is_written_to_redis),
  };
  return cmocka_run_group_tests(tests, start, stop);
}
