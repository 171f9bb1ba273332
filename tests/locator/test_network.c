#include "made.h"
#include "near.h"
#include "network.h"
#include "pool.h"

#include <stdio.h>
#include <stdlib.h>

/* A row of sites 10 km apart along a parallel, two sensors at the first. */
static ingest_inventory *row_of_sites(int count)
{
  ingest_inventory *inventory = ingest_inventory_create();
  for (int i = 0; i < count; i++) {
    char name[16];
    snprintf(name, sizeof name, "R%03d", i % 1000);
    made_add_site(inventory, "XX", name, "HN", 40, 120 + i * 0.1173, 500);
    if (i == 0)
      made_add_site(inventory, "XX", name, "HH", 40, 120, 500);
  }
  ingest_inventory_seal(inventory, NULL, NULL);
  return inventory;
}

static void sensors_of_a_station_are_one_site(void **state)
{
  (void)state;
  ingest_inventory *inventory = row_of_sites(5);
  network n;
  assert_true(network_create(&n, inventory, 400));
  assert_int_equal(n.sites, 5);
  assert_int_equal(n.sensors, 6);
  int twice = 0;
  for (size_t i = 0; i < n.sites; i++)
    twice += n.site[i].sensors == 2;
  assert_int_equal(twice, 1);
  assert_near(n.site[0].elevation_km, 0.5, 1e-9);
  network_destroy(&n);
  ingest_inventory_destroy(inventory);
}

static void neighbours_are_the_nearest_sites_nearest_first(void **state)
{
  (void)state;
  ingest_inventory *inventory = row_of_sites(100);
  network n;
  assert_true(network_create(&n, inventory, 1000));
  for (size_t i = 0; i < n.sites; i++) {
    const network_site *site = &n.site[i];
    assert_int_equal(site->neighbours_count, NETWORK_NEIGHBOURS);
    for (size_t k = 1; k < site->neighbours_count; k++)
      assert_true(sphere_chord_km(site->point, n.site[site->neighbours[k - 1]].point) <=
                  sphere_chord_km(site->point, n.site[site->neighbours[k]].point));
  }
  assert_int_equal(n.site[50].neighbours[0] == 49 || n.site[50].neighbours[0] == 51, 1);
  assert_near(network_neighbourhood(&n, 50), 320, 2);
  assert_near(network_reach(&n, 50, 20), 45, 1);
  assert_near(network_reach(&n, 50, 200), 200, 1e-9);
  network_destroy(&n);
  ingest_inventory_destroy(inventory);
}

static void only_sites_within_the_radius_are_neighbours(void **state)
{
  (void)state;
  ingest_inventory *inventory = row_of_sites(100);
  network n;
  assert_true(network_create(&n, inventory, 25));
  assert_int_equal(n.site[50].neighbours_count, 4);
  assert_int_equal(n.site[0].neighbours_count, 2);
  network_destroy(&n);
  ingest_inventory_destroy(inventory);
}

static void the_nearest_site_is_found_from_afar(void **state)
{
  (void)state;
  ingest_inventory *inventory = row_of_sites(200);
  network n;
  assert_true(network_create(&n, inventory, 400));
  assert_int_equal(network_nearest(&n, 0, 40.05, 120 + 150 * 0.1173), 150);
  assert_int_equal(network_nearest(&n, 199, 40, 119), 0);
  network_destroy(&n);
  ingest_inventory_destroy(inventory);
}

static void data_begin_anew_after_a_gap_and_end_when_a_sensor_is_off(void **state)
{
  (void)state;
  ingest_inventory *inventory = row_of_sites(3);
  network n;
  int64_t since;
  assert_true(network_create(&n, inventory, 400));
  assert_true(network_data_until(&n, 1, &since) == INT64_MIN);
  ingest_status status = {.sensor = n.site[1].first_sensor, .state = INGEST_GOOD, .data_until = 100};
  network_status(&n, &status);
  status.data_until = 200;
  network_status(&n, &status);
  assert_true(network_data_until(&n, 1, &since) == 200 && since == 100);
  status.gaps = 1;
  status.data_until = 300;
  network_status(&n, &status);
  assert_true(network_data_until(&n, 1, &since) == 300 && since == 300);
  status.state = INGEST_OFF;
  network_status(&n, &status);
  assert_true(network_data_until(&n, 1, &since) == INT64_MIN);
  status.sensor = 1000;
  network_status(&n, &status);
  network_destroy(&n);
  ingest_inventory_destroy(inventory);
}

static double rate_at(const network *n, double after_s, float snr, uint64_t event)
{
  return network_noise_rate(n, 1, 'P', snr, MADE_EPOCH + SECONDS(after_s), event, MADE_EPOCH);
}

static void a_noisy_site_is_expected_to_pick(void **state)
{
  (void)state;
  ingest_inventory *inventory = row_of_sites(2);
  network n;
  assert_true(network_create(&n, inventory, 400));
  double quiet = rate_at(&n, 0, 10, 0);
  for (int i = 0; i < 60; i++)
    network_count_noise(&n, 1, 'P', MADE_EPOCH);
  assert_near(rate_at(&n, 0, 10, 0) - quiet, 60.0 / 3600, 1e-6);
  assert_near(network_noise_rate(&n, 1, 'P', 10, MADE_EPOCH, 0, MADE_EPOCH + SECONDS(36000)), quiet, 1e-5);
  assert_near(network_noise_rate(&n, 1, 'S', 10, MADE_EPOCH, 0, MADE_EPOCH), quiet, 1e-9);
  network_destroy(&n);
  ingest_inventory_destroy(inventory);
}

static void in_coda_picks_are_expected_that_do_not_stand_out_of_it(void **state)
{
  (void)state;
  ingest_inventory *inventory = row_of_sites(2);
  network n;
  assert_true(network_create(&n, inventory, 400));
  double quiet = rate_at(&n, 0, 10, 0);
  network_begin_coda(&n, 1, &(network_coda){MADE_EPOCH, MADE_EPOCH + SECONDS(20), MADE_EPOCH + SECONDS(20), 7});
  assert_true(rate_at(&n, 5, 10, 0) > 5 * quiet);
  assert_true(rate_at(&n, 5, 40, 0) < 0.2 * rate_at(&n, 5, 5, 0));
  assert_near(rate_at(&n, 0, 10, 0), quiet, 1e-9);
  assert_near(rate_at(&n, 21, 10, 0), quiet, 1e-9);
  assert_near(rate_at(&n, 5, 10, 7), quiet, 1e-9); /* to its own event it is no coda */
  network_forget_coda(&n, 1, 7);
  assert_near(rate_at(&n, 5, 10, 0), quiet, 1e-9);
  network_destroy(&n);
  ingest_inventory_destroy(inventory);
}

static void the_coda_of_a_great_earthquake_fades_and_outlasts_those_of_aftershocks(void **state)
{
  (void)state;
  ingest_inventory *inventory = row_of_sites(2);
  network n;
  assert_true(network_create(&n, inventory, 400));
  network_begin_coda(&n, 1, &(network_coda){MADE_EPOCH, MADE_EPOCH + SECONDS(20), MADE_EPOCH + SECONDS(100), 7});
  double fading = rate_at(&n, 80, 10, 0);
  assert_near(fading, rate_at(&n, 5, 10, 0) / 4, 1e-9);
  network_begin_coda(&n, 1, &(network_coda){MADE_EPOCH + SECONDS(30), MADE_EPOCH + SECONDS(40), MADE_EPOCH + SECONDS(40), 8});
  assert_near(rate_at(&n, 80, 10, 0), fading, 1e-9);
  assert_true(network_after_great_one(&n, 1, MADE_EPOCH + SECONDS(80)));
  assert_false(network_after_great_one(&n, 1, MADE_EPOCH + SECONDS(101)));
  assert_false(network_after_great_one(&n, 0, MADE_EPOCH + SECONDS(80)));
  network_destroy(&n);
  ingest_inventory_destroy(inventory);
}

static void a_site_is_as_good_a_witness_as_it_was(void **state)
{
  (void)state;
  ingest_inventory *inventory = row_of_sites(2);
  network n;
  assert_true(network_create(&n, inventory, 400));
  double usual = network_chance_of_pick(&n, 1);
  assert_near(usual, 0.85, 1e-9);
  for (int i = 0; i < 40; i++)
    network_count_event(&n, 1, i % 4 == 0);
  assert_near(network_chance_of_pick(&n, 1), 0.5, 0.1);
  for (int i = 0; i < 400; i++)
    network_count_event(&n, 1, true);
  assert_true(network_chance_of_pick(&n, 1) > 0.95);
  assert_near(network_chance_of_pick(&n, 0), usual, 1e-9);
  network_destroy(&n);
  ingest_inventory_destroy(inventory);
}

static void the_pool_forgets_the_oldest_and_counts_it_as_noise(void **state)
{
  (void)state;
  ingest_inventory *inventory = row_of_sites(2);
  network n;
  pool p;
  assert_true(network_create(&n, inventory, 400) && pool_create(&p, 2, 2));
  for (uint64_t id = 1; id <= p.capacity + 3; id++)
    pool_add(&p, &(kept_pick){.id = id, .site = 1, .told = MADE_EPOCH}, &n, MADE_EPOCH);
  assert_int_equal(p.count, p.capacity);
  assert_int_equal(pool_newest(&p, 0)->id, p.capacity + 3);
  assert_near((double)n.site[1].noise_picks[0] + (double)n.site[1].noise_picks[1], 3, 1e-3);
  assert_false(pool_remove(&p, 2));
  assert_true(pool_remove(&p, 4));
  assert_false(pool_remove(&p, 4));
  pool_expire(&p, &n, MADE_EPOCH + SECONDS(60));
  assert_int_equal(p.count, p.capacity - 1);
  pool_expire(&p, &n, MADE_EPOCH + SECONDS(121));
  assert_int_equal(p.count, 0);
  pool_destroy(&p);
  network_destroy(&n);
  ingest_inventory_destroy(inventory);
}

static void of_tentative_picks_each_sensor_keeps_its_newest(void **state)
{
  (void)state;
  ingest_inventory *inventory = row_of_sites(2);
  network n;
  pool p;
  assert_true(network_create(&n, inventory, 400) && pool_create(&p, 2, n.sensors));
  const int32_t own = n.site[1].first_sensor;
  const uint64_t ids = (uint64_t)own << 32;
  for (uint64_t i = 1; i <= POOL_TENTATIVE + 2; i++)
    pool_add(&p, &(kept_pick){.id = ids + i, .sensor = own, .site = 1, .time = (int64_t)i, .told = MADE_EPOCH, .tentative = true}, &n, MADE_EPOCH);
  assert_int_equal(p.count, 0);
  assert_false(pool_holds(&p, ids + 2));
  assert_true(pool_holds(&p, ids + 3));
  assert_true(pool_forget_tentative(&p, ids + 4));
  assert_true(pool_resize(&p, 3, n.sensors + 1));
  size_t left = 0, place = 0;
  for (int32_t sensor = own; pool_tentative(&p, &n, &sensor, &place, MADE_EPOCH + SECONDS(120));)
    left++;
  assert_int_equal(left, POOL_TENTATIVE - 1);
  place = 0;
  assert_null(pool_tentative(&p, &n, &(int32_t){own}, &place, MADE_EPOCH + SECONDS(121)));
  pool_destroy(&p);
  network_destroy(&n);
  ingest_inventory_destroy(inventory);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sensors_of_a_station_are_one_site),
      cmocka_unit_test(neighbours_are_the_nearest_sites_nearest_first),
      cmocka_unit_test(only_sites_within_the_radius_are_neighbours),
      cmocka_unit_test(the_nearest_site_is_found_from_afar),
      cmocka_unit_test(data_begin_anew_after_a_gap_and_end_when_a_sensor_is_off),
      cmocka_unit_test(a_noisy_site_is_expected_to_pick),
      cmocka_unit_test(in_coda_picks_are_expected_that_do_not_stand_out_of_it),
      cmocka_unit_test(the_coda_of_a_great_earthquake_fades_and_outlasts_those_of_aftershocks),
      cmocka_unit_test(a_site_is_as_good_a_witness_as_it_was),
      cmocka_unit_test(the_pool_forgets_the_oldest_and_counts_it_as_noise),
      cmocka_unit_test(of_tentative_picks_each_sensor_keeps_its_newest),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
