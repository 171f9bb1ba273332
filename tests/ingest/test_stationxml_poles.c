/* Poles and zeros of sensors that are built, and what they say of low frequencies. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "response.h"
#include "stationxml_poles.h"
#include "world.h"

#define END CMPLX(NAN, 0)

static stationxml_poles roots(stationxml_transfer transfer, const double complex *zeros, const double complex *poles)
{
  stationxml_poles p = {.transfer = transfer, .factor = (double)NAN, .frequency_hz = 1};
  for (; !isnan(creal(*zeros)); zeros++)
    stationxml_poles_add_zero(&p, *zeros);
  for (; !isnan(creal(*poles)); poles++)
    stationxml_poles_add_pole(&p, *poles);
  return p;
}

#define LIST(...) ((const double complex[]){__VA_ARGS__})

static void assert_corner(const stationxml_poles *p, double corner_hz, double damping)
{
  double corner, found;
  assert_int_equal(stationxml_poles_shape(p, &corner, &found), STATIONXML_CORNER);
  if (fabs(corner - corner_hz) > 0.01 * corner_hz || fabs(found - damping) > 0.01)
    fail_msg("%g Hz and damping %g, not %g and %g", corner, found, corner_hz, damping);
}

static void corner_and_damping_of_a_geophone_are_found(void **state)
{
  (void)state;
  double w = 2 * M_PI * 4.5, h = 0.56;
  double complex pole = CMPLX(-h * w, w * sqrt(1 - h * h));
  stationxml_poles p = roots(STATIONXML_RADIANS, LIST(0, 0, END), LIST(conj(pole), pole, END));
  assert_corner(&p, 4.5, 0.56);
  p = roots(STATIONXML_HERTZ, LIST(0, 0, END), LIST(CMPLX(-0.7, 0.7141428), CMPLX(-0.7, -0.7141428), CMPLX(-100, 0), END));
  assert_corner(&p, 1, 0.7);
  p = roots(STATIONXML_HERTZ, LIST(0, 0, END), LIST(CMPLX(-0.5, 0), CMPLX(-2, 0), END)); /* overdamped */
  assert_corner(&p, 1, 1.25);
}

/* Its electronics cut off below 0.16 Hz once more; that is low enough. */
static void a_lower_corner_of_the_electronics_is_left_alone(void **state)
{
  (void)state;
  stationxml_poles p = roots(STATIONXML_RADIANS, LIST(0, 0, 0, END), LIST(CMPLX(-1, 0), CMPLX(-3.03, 0), CMPLX(-3.03, 0), END));
  assert_corner(&p, 3.03 / (2 * M_PI), 1);
}

static void broadband_sensors_and_those_flat_to_zero_need_nothing(void **state)
{
  (void)state;
  double corner, damping;
  stationxml_poles sts2 = roots(STATIONXML_RADIANS, LIST(0, 0, CMPLX(-15.15, 0), CMPLX(-318.6, 401.2), CMPLX(-318.6, -401.2), END),
                                LIST(CMPLX(-0.037, 0.037), CMPLX(-0.037, -0.037), CMPLX(-15.99, 0), CMPLX(-187.24, 0), CMPLX(-417, 0), END));
  assert_int_equal(stationxml_poles_shape(&sts2, &corner, &damping), STATIONXML_FLAT);
  stationxml_poles flat = roots(STATIONXML_RADIANS, LIST(END), LIST(CMPLX(-981, 1009), CMPLX(-981, -1009), END));
  assert_int_equal(stationxml_poles_shape(&flat, &corner, &damping), STATIONXML_FLAT);
  stationxml_poles nothing = roots(STATIONXML_RADIANS, LIST(END), LIST(END));
  assert_int_equal(stationxml_poles_shape(&nothing, &corner, &damping), STATIONXML_FLAT);
}

static void other_shapes_are_told(void **state)
{
  (void)state;
  double corner, damping;
  const stationxml_poles shapes[] = {
      roots(STATIONXML_HERTZ, LIST(0, 0, 0, END), LIST(CMPLX(-1, 0), CMPLX(-1, 0), CMPLX(-2, 0), END)),
      roots(STATIONXML_HERTZ, LIST(0, END), LIST(CMPLX(-1, 0), END)),
      roots(STATIONXML_HERTZ, LIST(0, 0, CMPLX(-1.5, 0), END), LIST(CMPLX(-1, 1), CMPLX(-1, -1), END)),
      roots(STATIONXML_HERTZ, LIST(0, 0, END), LIST(CMPLX(-0.01, 1), CMPLX(-0.01, -1), END)),
  };
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
    if (stationxml_poles_shape(&shapes[i], &corner, &damping) != STATIONXML_COMPLICATED)
      fail_msg("shape %zu is taken", i);
}

static void a_wrong_normalization_is_told(void **state)
{
  (void)state;
  char text[256];
  stationxml_poles p = roots(STATIONXML_HERTZ, LIST(0, 0, END), LIST(CMPLX(-0.7, 0.7141428), CMPLX(-0.7, -0.7141428), END));
  p.frequency_hz = 5;
  p.factor = 1 / response_amplitude(1, 0.7, 5);
  assert_false(stationxml_poles_doubt(&p, text, sizeof text));
  p.factor *= 1.04;
  assert_false(stationxml_poles_doubt(&p, text, sizeof text));
  p.factor *= 39.478; /* radians taken for hertz */
  assert_true(stationxml_poles_doubt(&p, text, sizeof text));
  assert_non_null(strstr(text, "normalization factor"));
  p.transfer = STATIONXML_NOT_LAPLACE;
  assert_false(stationxml_poles_doubt(&p, text, sizeof text));
}

static void more_roots_than_there_is_room_for_are_told(void **state)
{
  (void)state;
  double corner, damping;
  stationxml_poles p = {.factor = 1};
  for (int i = 0; i < 10 * STATIONXML_ROOTS; i++)
    stationxml_poles_add_pole(&p, CMPLX(-1, i));
  assert_int_equal(stationxml_poles_shape(&p, &corner, &damping), STATIONXML_COMPLICATED);
}

static int faults;

static void count_fault(void *user, const char *name, long line, const char *text)
{
  (void)user, (void)name, (void)line, (void)text;
  faults++;
}

static const char document[] =
    "<FDSNStationXML><Network code=\"XX\"><Station code=\"AAA\"><Latitude>41</Latitude><Longitude>123</Longitude><Elevation>0</Elevation><Channel "
    "code=\"EHZ\" locationCode=\"\"><Dip>-90</Dip><SampleRate>100</SampleRate><Response><InstrumentSensitivity><Value>1e8</Value><Frequency>5"
    "</Frequency><InputUnits><Name>M/S</Name></InputUnits></InstrumentSensitivity><Stage number=\"1\"><PolesZeros><InputUnits><Name>M/S</Name>"
    "</InputUnits><PzTransferFunctionType>LAPLACE (RADIANS/SECOND)</PzTransferFunctionType><NormalizationFactor>1</NormalizationFactor>"
    "<NormalizationFrequency>50</NormalizationFrequency><Zero number=\"0\"><Real>0</Real><Imaginary>0</Imaginary></Zero><Zero number=\"1\"><Real>0"
    "</Real><Imaginary>0</Imaginary></Zero><Pole number=\"0\"><Real>-19.7920337</Real><Imaginary>20.1918754</Imaginary></Pole><Pole number=\"1\">"
    "<Real>-19.7920337</Real><Imaginary>-20.1918754</Imaginary></Pole></PolesZeros><StageGain><Value>1e8</Value><Frequency>5</Frequency></StageGain>"
    "</Stage></Response></Channel></Station></Network></FDSNStationXML>";

static char written[4096];
static size_t written_length;

static void collect(void *user, const char *text, size_t length)
{
  (void)user;
  assert_true(written_length + length < sizeof written);
  memcpy(written + written_length, text, length);
  written_length += length;
}

static void the_corner_is_read_from_stationxml_and_written_again(void **state)
{
  (void)state;
  ingest_inventory *inventory = ingest_inventory_create(), *again = ingest_inventory_create();
  faults = 0;
  assert_true(ingest_inventory_add(inventory, "made.xml", document, strlen(document), count_fault, NULL));
  ingest_inventory_seal(inventory, NULL, NULL);
  const ingest_channel *channel = ingest_inventory_channel(inventory, 0);
  assert_true(fabs(channel->corner_hz - 4.5) < 0.001 && fabs(channel->damping - 0.7) < 0.001);
  ingest_inventory_write(inventory, 0, collect, NULL);
  assert_true(ingest_inventory_add(again, "written.xml", written, written_length, count_fault, NULL));
  ingest_inventory_seal(again, NULL, NULL);
  const ingest_channel *copy = ingest_inventory_channel(again, 0);
  assert_true(fabs(copy->corner_hz - channel->corner_hz) < 1e-9 && fabs(copy->damping - channel->damping) < 1e-9);
  assert_int_equal(faults, 0);
  ingest_inventory_destroy(inventory);
  ingest_inventory_destroy(again);
}

/* A sine of 1 Hz that moves the ground by 1 mm/s, as a geophone of 4.5 Hz counts it: its stated gain holds at 5 Hz, where it gives 0.74 of what it
   gives far above. */
static void the_stream_of_a_geophone_is_the_grounds(void **state)
{
  (void)state;
  enum { COUNT = 6000 };
  static double counts[COUNT];
  ingest_inventory *inventory = ingest_inventory_create();
  assert_true(ingest_inventory_add(inventory, "made.xml", document, strlen(document), NULL, NULL));
  double far_above = 1e8 / response_amplitude(4.5, 0.7, 5), peak = 0;
  for (int i = 0; i < COUNT; i++)
    counts[i] = 1e-3 * far_above * response_amplitude(4.5, 0.7, 1) * sin(2 * M_PI * i / 100);
  world *w = begin_with(inventory);
  ingest_record record = {.codes = {"XX", "AAA", "", "EHZ"}, .start = base_time(), .rate = 100, .samples = COUNT, .encoding = 5};
  forget_packets();
  assert_int_equal(ingest_record_write(&record, counts, 0, made_collect, &store), 1);
  ingest_packet(w->in, 0, store.bytes, store.lengths[0], ingest_record_last(&record), &w->sink);
  assert_int_equal(w->streams[INGEST_VERTICAL].count, COUNT);
  for (int i = COUNT / 2; i < COUNT; i++)
    peak = fmax(peak, fabs((double)w->streams[INGEST_VERTICAL].values[i]));
  assert_true(fabs(peak - 1e-3) < 0.03e-3);
  end(w);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(corner_and_damping_of_a_geophone_are_found),
      cmocka_unit_test(a_lower_corner_of_the_electronics_is_left_alone),
      cmocka_unit_test(broadband_sensors_and_those_flat_to_zero_need_nothing),
      cmocka_unit_test(other_shapes_are_told),
      cmocka_unit_test(a_wrong_normalization_is_told),
      cmocka_unit_test(more_roots_than_there_is_room_for_are_told),
      cmocka_unit_test(the_corner_is_read_from_stationxml_and_written_again),
      cmocka_unit_test(the_stream_of_a_geophone_is_the_grounds),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
