/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "viz-document.h"

G_BEGIN_DECLS

struct _VizDocument {
  GObject parent;
  CnnModel *model;
  CnnImage *image;
  char *image_path;
  GPtrArray *images; /* paths */
  VizChoices choices;
  VizResults results;
  gboolean prefers_kernels;       /* shown wherever a layer has some */
  const CnnMethod *method_before; /* what filter -1 goes back to */
  guint n_methods;
  CnnMethodRequest *requests; /* one per method, for the parameters */
  char *last_error;
  int wanted_class; /* of an output that is on its way; -1: none */
  gboolean setting_up;
  guint frozen;
  VizChange pending;
};

/** Tells who listens what has changed; while the document is frozen, when it thaws. */
void _viz_document_changed (VizDocument *self, VizChange what);
/** Nothing is computed any more. */
void _viz_document_clear_results (VizDocument *self);

G_END_DECLS
