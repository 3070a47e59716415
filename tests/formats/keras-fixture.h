/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "formats/cnn-model-reader.h"

G_BEGIN_DECLS

/** A weight of a file that a test writes: its numbers are 0.01, 0.02, … */
typedef struct {
  const char *group; /* the layer's group; NULL ends a list */
  const char *name;  /* "kernel:0"; the file's path is group/group/name */
  guint rank;
  gint64 dims[4];
} FixtureWeight;

/** A fresh folder, and its removal with all that is in it. */
char *fixture_folder (void);
void fixture_remove (char *folder);
typedef char FixtureFolder;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FixtureFolder, fixture_remove)

/** The configuration of a functional model: the input "in" of a shape such as "4, 6, 3", then @layers, of
 * which the one called @output is its output. (transfer full) */
char *fixture_functional (const char *name, const char *shape, const char *layers, const char *output);

/** A Keras HDF5 file with this configuration (NULL: without one). Returns its path. */
char *fixture_h5 (const char *folder, const char *config, const char *keras_version,
                  const FixtureWeight *weights);

/** As fixture_h5(), with numbers as .keras files have them: group is the folder, name the number. */
GBytes *fixture_weights_v3 (const char *folder, const FixtureWeight *weights);

/** model.json with this topology and manifest, and group1.bin with @data. Returns the path of model.json. */
char *fixture_tfjs (const char *folder, const char *config, const char *weights, const void *data,
                    gsize size);

/** A zip of name, text, length triples that ends with NULL. */
char *fixture_zip (const char *folder, gboolean deflate, ...) G_GNUC_NULL_TERMINATED;

/** Some bytes in a file. */
char *fixture_bytes (const char *folder, const char *name, const void *data, gsize size);

/** Reads and expects success / an error of this code whose message is one line that contains @word. */
CnnModel *fixture_read (const char *path);
void fixture_refused (const char *path, int code, const char *word);

G_END_DECLS
