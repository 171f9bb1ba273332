/* QuakeML as `tocsin associate --format quakeml` writes it, read back. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include "made_picks.h"

typedef struct {
  xmlDoc *document;
  xmlXPathContext *context;
} reading;

static reading written(const char *arguments)
{
  reading r;
  assert_int_equal(command_run(arguments), 0);
  r.document = xmlReadMemory(command_said(), (int)strlen(command_said()), "events.xml", NULL, XML_PARSE_NONET);
  assert_non_null(r.document);
  r.context = xmlXPathNewContext(r.document);
  xmlXPathRegisterNs(r.context, BAD_CAST "q", BAD_CAST "http://quakeml.org/xmlns/quakeml/1.2");
  xmlXPathRegisterNs(r.context, BAD_CAST "b", BAD_CAST "http://quakeml.org/xmlns/bed/1.2");
  return r;
}

static void close_reading(reading *r)
{
  xmlXPathFreeContext(r->context);
  xmlFreeDoc(r->document);
}

static double number(const reading *r, const char *path)
{
  xmlXPathObject *found = xmlXPathEvalExpression(BAD_CAST path, r->context);
  assert_non_null(found);
  double value = xmlXPathCastToNumber(found);
  xmlXPathFreeObject(found);
  return value;
}

static void assert_text(const reading *r, const char *path, const char *expected)
{
  xmlXPathObject *found = xmlXPathEvalExpression(BAD_CAST path, r->context);
  xmlChar *text = xmlXPathCastToString(found);
  assert_string_equal((const char *)text, expected);
  xmlFree(text);
  xmlXPathFreeObject(found);
}

static reading two_with_magnitudes(void)
{
  made_picks("picks.csv", made_two, 2, (made_amplitudes){.pd_magnitude = 4.5}, "");
  return written("associate --format quakeml --stations stations.csv picks.csv");
}

static void the_document_says_what_the_table_says(void **state)
{
  (void)state;
  reading r = two_with_magnitudes();
  assert_int_equal((int)number(&r, "count(/q:quakeml/b:eventParameters/b:event)"), 2);
  double latitude = number(&r, "//b:event[1]/b:origin/b:latitude/b:value"), depth_m = number(&r, "//b:event[1]/b:origin/b:depth/b:value");
  double picks = number(&r, "count(//b:event[1]/b:pick)"), magnitude = number(&r, "//b:event[1]/b:magnitude/b:mag/b:value");
  double radius_m = number(&r, "//b:event[1]/b:origin/b:originUncertainty/b:horizontalUncertainty");
  close_reading(&r);
  assert_int_equal(command_run("associate --stations stations.csv picks.csv"), 0);
  assert_true(fabs(latitude - strtod(command_cell(0, "latitude_deg"), NULL)) < 1e-9);
  assert_true(fabs(depth_m - 1000 * strtod(command_cell(0, "depth_km"), NULL)) <= 6);
  assert_true(fabs(radius_m - 1000 * strtod(command_cell(0, "horizontal_error_km"), NULL)) <= 6);
  assert_true(fabs(magnitude - strtod(command_cell(0, "magnitude"), NULL)) < 1e-9);
  assert_int_equal((int)picks, atoi(command_cell(0, "n_p")) + atoi(command_cell(0, "n_s")));
}

static void each_arrival_has_its_pick_residual_and_weight(void **state)
{
  (void)state;
  reading r = two_with_magnitudes();
  double arrivals = number(&r, "count(//b:arrival)");
  assert_true(arrivals >= 80);
  assert_int_equal((int)number(&r, "count(//b:arrival[b:pickID = ../../b:pick/@publicID])"), (int)arrivals);
  assert_int_equal((int)number(&r, "count(//b:arrival[b:timeResidual > -1 and b:timeResidual < 1 and b:timeWeight >= 0 and b:timeWeight <= 1])"),
                   (int)arrivals);
  assert_int_equal((int)number(&r, "count(//b:pick)"), (int)arrivals);
  assert_int_equal((int)number(&r, "count(//b:pick[b:waveformID/@networkCode = 'XX' and b:time/b:uncertainty > 0 and b:phaseHint])"), (int)arrivals);
  close_reading(&r);
}

static void references_lead_to_what_they_name(void **state)
{
  (void)state;
  reading r = two_with_magnitudes();
  assert_int_equal((int)number(&r, "count(//b:event[b:preferredOriginID = b:origin/@publicID])"), 2);
  assert_int_equal((int)number(&r, "count(//b:event[b:preferredMagnitudeID = b:magnitude/@publicID])"), 2);
  assert_int_equal((int)number(&r, "count(//b:magnitude[b:originID = ../b:origin/@publicID])"), 2);
  assert_int_equal((int)number(&r, "count(//*[@publicID = preceding::*/@publicID])"), 0);
  assert_int_equal((int)number(&r, "count(//*[@publicID and not(starts-with(@publicID, 'smi:local/tocsin/'))])"), 0);
  assert_int_equal((int)number(&r, "count(//*[contains(substring-after(@publicID, 'smi:'), ':')])"), 0);
  close_reading(&r);
}

static void what_no_person_has_seen_is_automatic_and_preliminary(void **state)
{
  (void)state;
  reading r = two_with_magnitudes();
  assert_text(&r, "//b:event[1]/b:origin/b:evaluationMode", "automatic");
  assert_text(&r, "//b:event[1]/b:origin/b:evaluationStatus", "preliminary");
  assert_text(&r, "//b:event[1]/b:magnitude/b:type", "Mpd");
  assert_text(&r, "//b:event[1]/b:type", "earthquake");
  close_reading(&r);
}

static void without_amplitudes_no_magnitude_stands_in_it(void **state)
{
  (void)state;
  made_picks("quiet.csv", made_two, 1, (made_amplitudes){0}, "");
  reading r = written("associate --format quakeml --stations stations.csv quiet.csv");
  assert_int_equal((int)number(&r, "count(//b:event)"), 1);
  assert_int_equal((int)number(&r, "count(//b:magnitude) + count(//b:preferredMagnitudeID)"), 0);
  close_reading(&r);
}

/* The table "plain.csv" with that polarity in each line. */
static void write_polarity(const char *polarity)
{
  size_t length;
  char path[160], text[MADE_TEXT], *at = text;
  snprintf(path, sizeof path, "%s/plain.csv", command_folder());
  char *plain = data_read(path, &length);
  for (const char *c = plain; *c; c++) {
    if (*c == '\n')
      at += sprintf(at, ",%s", c < strchr(plain, '\n') + 1 ? "polarity" : polarity);
    *at++ = *c;
  }
  *at = '\0';
  free(plain);
  command_write("polar.csv", text);
}

static void a_polarity_is_carried_through(void **state)
{
  (void)state;
  static const char *const written_as[][2] = {{"down", "negative"}, {"U", "positive"}, {"D", "negative"}, {"+", "positive"}};
  made_picks("plain.csv", made_two, 1, (made_amplitudes){0}, "");
  for (size_t i = 0; i < sizeof written_as / sizeof written_as[0]; i++) {
    char count[80];
    write_polarity(written_as[i][0]);
    reading r = written("associate --format quakeml --stations stations.csv polar.csv");
    snprintf(count, sizeof count, "count(//b:pick[b:polarity = '%s'])", written_as[i][1]);
    assert_true(number(&r, "count(//b:pick)") > 40);
    assert_true(number(&r, count) == number(&r, "count(//b:pick)"));
    close_reading(&r);
  }
  write_polarity("sideways");
  assert_int_equal(command_run("associate --stations stations.csv polar.csv"), 0);
  command_assert_complained("polar.csv:2: no polarity: `sideways`");
}

/* The agency's table says U and D; most of its automatic picks have one. The model is not that of the valley: the depth's error must say so. */
static void wasco_is_one_event_near_its_place_with_its_first_motions(void **state)
{
  (void)state;
  const double latitude_deg = 35.5423, longitude_deg = -119.3728, depth_km = 22.1;
  char arguments[1024];
  snprintf(arguments, sizeof arguments, "associate --format quakeml --stations %s %s", data_path("wasco-2016/stations.csv"),
           data_path("wasco-2016/automatic-picks.csv"));
  reading r = written(arguments);
  assert_int_equal((int)number(&r, "count(//b:event)"), 1);
  double depth_off_km = fabs(number(&r, "//b:depth/b:value") / 1000 - depth_km), depth_error_km = number(&r, "//b:depth/b:uncertainty") / 1000;
  assert_true(fabs(number(&r, "//b:latitude/b:value") - latitude_deg) < 4 / 111.2);
  assert_true(fabs(number(&r, "//b:longitude/b:value") - longitude_deg) < 4 / 90.5);
  assert_true(depth_off_km <= 4 && depth_off_km <= 2 * depth_error_km);
  assert_true(number(&r, "count(//b:pick[b:polarity = 'positive'])") >= 25);
  assert_true(number(&r, "count(//b:pick[b:polarity = 'negative'])") >= 40);
  close_reading(&r);
}

static void an_unknown_format_is_refused(void **state)
{
  (void)state;
  assert_int_equal(command_run("associate --format xls --stations stations.csv picks.csv"), 2);
  command_assert_complained("no format: `xls`; give csv or quakeml");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_document_says_what_the_table_says),
      cmocka_unit_test(each_arrival_has_its_pick_residual_and_weight),
      cmocka_unit_test(references_lead_to_what_they_name),
      cmocka_unit_test(what_no_person_has_seen_is_automatic_and_preliminary),
      cmocka_unit_test(without_amplitudes_no_magnitude_stands_in_it),
      cmocka_unit_test(a_polarity_is_carried_through),
      cmocka_unit_test(wasco_is_one_event_near_its_place_with_its_first_motions),
      cmocka_unit_test(an_unknown_format_is_refused),
  };
  return cmocka_run_group_tests(tests, made_stations, command_folder_remove);
}
