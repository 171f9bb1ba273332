#include "near.h"
#include "locator.h"

#include <stdlib.h>
#include <string.h>

static bool parse(const char *text, locator_model *model, char *fault)
{
  fault[0] = '\0';
  return locator_model_parse(text, strlen(text), model, fault);
}

static void the_shipped_models_have_their_published_velocities(void **state)
{
  (void)state;
  locator_model model;
  assert_true(locator_model_named("iasp91", &model));
  assert_near(model.node[0].vp_km_s, 5.80, 1e-9);
  assert_near(model.node[4].vp_km_s, 8.04, 1e-9);
  assert_near(model.node[model.count - 1].depth_km, 760, 1e-9);
  assert_true(locator_model_named("north-china", &model));
  assert_near(model.node[0].vs_km_s, 3.54, 1e-9);
  assert_near(model.node[4].vp_km_s, 7.93, 1e-9);
  assert_false(locator_model_named("prem", &model));
}

static void the_shipped_models_pass_their_own_reader(void **state)
{
  (void)state;
  static const char *const names[] = {"iasp91", "north-china"};
  for (size_t i = 0; i < 2; i++) {
    locator_model model, read;
    char fault[160], relative[64] = "config/models/";
    size_t length;
    assert_true(locator_model_named(names[i], &model));
    strcat(strcat(relative, names[i]), ".csv");
    char *bytes = data_read(project_path(relative), &length);
    assert_true(locator_model_parse(bytes, length, &read, fault));
    free(bytes);
    assert_int_equal(read.count, model.count);
    for (size_t k = 0; k < model.count; k++) {
      assert_near(read.node[k].depth_km, model.node[k].depth_km, 1e-9);
      assert_near(read.node[k].vp_km_s, model.node[k].vp_km_s, 1e-9);
      assert_near(read.node[k].vs_km_s, model.node[k].vs_km_s, 1e-9);
    }
  }
}

static void header_comments_blank_lines_and_carriage_returns_hold_no_node(void **state)
{
  (void)state;
  locator_model model;
  char fault[160];
  assert_true(parse("# a model\r\ndepth_km,vp_km_s,vs_km_s\r\n\r\n0, 5.3 ,3.0\r\n4,5.3,3.0\r\n4,5.6,3.2", &model, fault));
  assert_int_equal(model.count, 3);
  assert_near(model.node[0].vp_km_s, 5.3, 1e-9);
  assert_near(model.node[2].depth_km, 4, 1e-9);
}

static void a_fault_names_its_line_and_what_would_be_right(void **state)
{
  (void)state;
  static const struct {
    const char *text, *line, *remedy;
  } faults[] = {
      {"depth_km,vp_km_s,vs_km_s\n0,5.8,3.3\n0,five,3.3\n", "line 3", "in numbers"},
      {"0,5.8,3.3\n10,6,3.4\n5,6,3.4\n", "line 3", "order the rows by depth"},
      {"0,58,3.3\n", "line 1", "within 0.3..15"},
      {"0,5.8,5.9\n", "line 1", "below the P velocity"},
      {"0,5.8\n", "line 1", "depth_km,vp_km_s,vs_km_s"},
      {"0,5.8,3.3,1\n", "line 1", "depth_km,vp_km_s,vs_km_s"},
      {"0,nan,3.3\n", "line 1", "depth_km,vp_km_s,vs_km_s"},
      {"9000,5.8,3.3\n", "line 1", "within -9..3000"},
      {"depth_km,vp_km_s,vs_km_s\n", "line 1", "at least one row"},
  };
  for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
    locator_model model;
    char fault[160];
    assert_false(parse(faults[i].text, &model, fault));
    assert_non_null(strstr(fault, faults[i].line));
    assert_non_null(strstr(fault, faults[i].remedy));
  }
}

static void bytes_that_are_no_text_are_refused(void **state)
{
  (void)state;
  locator_model model;
  char fault[160], line[400];
  memset(line, '1', sizeof line);
  assert_false(locator_model_parse(line, sizeof line, &model, fault));
  assert_false(locator_model_parse("0,5.8\0,3", 9, &model, fault));
  assert_false(locator_model_parse("", 0, &model, fault));
}

static void more_rows_than_a_model_holds_are_refused(void **state)
{
  (void)state;
  char text[65 * 16] = "", fault[160];
  for (int i = 0; i < 65; i++)
    strcat(text, "0,5.8,3.3\n");
  locator_model model;
  assert_false(parse(text, &model, fault));
  assert_non_null(strstr(fault, "line 65"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_shipped_models_have_their_published_velocities),
      cmocka_unit_test(the_shipped_models_pass_their_own_reader),
      cmocka_unit_test(header_comments_blank_lines_and_carriage_returns_hold_no_node),
      cmocka_unit_test(a_fault_names_its_line_and_what_would_be_right),
      cmocka_unit_test(bytes_that_are_no_text_are_refused),
      cmocka_unit_test(more_rows_than_a_model_holds_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
