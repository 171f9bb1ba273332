/* rays.h (inside locator/): rays in a flattened Earth of thin layers. */
#ifndef TOCSIN_LOCATOR_RAYS_H
#define TOCSIN_LOCATOR_RAYS_H

#include "locator.h"

enum { RAYS_NODES_MAXIMUM = 640, RAYS_PARAMETERS_MAXIMUM = 8192 };
#define RAYS_EARTH_RADIUS_KM 6371.0

/* Nodes of the flattened model, from sea level down; velocity linear between them; two nodes at one depth are a jump. The first `sources` of them are
   the depths that tables are made for. */
typedef struct {
  size_t count, sources;
  double depth_km[RAYS_NODES_MAXIMUM]; /* true depth */
  double flat_km[RAYS_NODES_MAXIMUM];  /* flattened */
  double slowness[RAYS_NODES_MAXIMUM]; /* of the flattened velocity, s/km */
} rays_medium;

/* Where one ray from the surface is as it passes each node going down, and where it turns. */
typedef struct {
  double parameter; /* s/km */
  size_t reached;   /* nodes 0 .. reached - 1 are passed */
  double x[RAYS_NODES_MAXIMUM], t[RAYS_NODES_MAXIMUM];
  bool turns;
  double turning_x, turning_t;
} rays_path;

/* Cuts the model of one phase ('P' or 'S') into thin layers and flattens it (Aki & Richards 2002, box 9.2). A huge radius makes a flat Earth. */
void rays_medium_make(rays_medium *medium, const locator_model *model, char phase, double max_depth_km, double radius_km);

/* Ray parameters, ascending, dense enough for Hermite interpolation between neighbours; among them the slowness of each node. Returns their number.
 */
size_t rays_parameters(const rays_medium *medium, double parameters[RAYS_PARAMETERS_MAXIMUM]);

void rays_trace(const rays_medium *medium, double parameter, rays_path *path);

#endif
