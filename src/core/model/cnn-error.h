/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CnnError: what can go wrong in the core. The message is one sentence for a person: what, where (file,
 * layer, attribute), what was expected.
 */
typedef enum {
  CNN_ERROR_FILE,    /* cannot be read, truncated, not what it should be */
  CNN_ERROR_FORMAT,  /* a recognised kind of file that CnnViz does not read (with the way to convert it) */
  CNN_ERROR_MODEL,   /* the description of the network is wrong or contradicts itself */
  CNN_ERROR_WEIGHTS, /* weights missing, of a wrong shape or type */
  CNN_ERROR_UNSUPPORTED, /* an operator or attribute that is not known */
  CNN_ERROR_INPUT,       /* an image or array that does not fit */
  CNN_ERROR_ARGUMENT,    /* a class, layer or parameter that does not exist */
  CNN_ERROR_ENGINE       /* the arithmetic library refused */
} CnnError;

#define CNN_ERROR (cnn_error_quark ())
GQuark cnn_error_quark (void);

G_END_DECLS
