/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The one place that speaks oneDNN's C API (version 2); its version 3 changed it. */

#include <dnnl.h>

#include "model/cnn-model.h"

G_BEGIN_DECLS

/** The process' CPU engine and its stream. */
dnnl_engine_t cnn_dnnl_engine (void);
dnnl_stream_t cnn_dnnl_stream (void);

/** Floats in the widest vector register: the block of channels that convolutions like, 16 or 8. */
guint cnn_dnnl_block (void);

/** Sets @error for a status that is no success; @what names the work, @layer whose. */
gboolean cnn_dnnl_check (dnnl_status_t status, const char *what, const char *layer, GError **error);

/** Description of an image batch with channels in blocks: 1: nchw, 8, 16: nChw8c, nChw16c, c: nhwc. */
void cnn_dnnl_image_md (dnnl_memory_desc_t *md, gint64 n, gint64 c, gint64 h, gint64 w, guint block);
/** The same with oneDNN's choice of format. */
void cnn_dnnl_any_md (dnnl_memory_desc_t *md, gint64 n, gint64 c, gint64 h, gint64 w);
/** The block of a description as above, 0 where it is none of these. */
guint cnn_dnnl_block_of (const dnnl_memory_desc_t *md);

/** A memory object over @data; %NULL data is filled in later by dnnl_memory_set_data_handle(). */
dnnl_memory_t cnn_dnnl_memory (const dnnl_memory_desc_t *md, const void *data);

/** Name of the implementation that oneDNN chose, "jit:avx512_core". */
const char *cnn_dnnl_implementation (const_dnnl_primitive_desc_t pd);
/** Whether that is one of oneDNN's slow reference loops. */
gboolean cnn_dnnl_is_reference (const_dnnl_primitive_desc_t pd);

/** Attributes of a primitive that any thread may run by cnn_dnnl_run(); (transfer full). */
dnnl_primitive_attr_t cnn_dnnl_attributes (void);
/** The same of one that adds to what its destination holds; (transfer full). */
dnnl_primitive_attr_t cnn_dnnl_sum_attributes (void);
/** Describes a primitive with such attributes, %NULL: nothing further. @hint: (nullable). Returns %NULL where
 * oneDNN has no such primitive. */
dnnl_primitive_desc_t cnn_dnnl_describe (const_dnnl_op_desc_t desc, const_dnnl_primitive_attr_t attributes,
                                         const_dnnl_primitive_desc_t hint);

#define CNN_DNNL_MAX_ARGS 8
/** Runs @primitive with @n arguments, at most CNN_DNNL_MAX_ARGS, and scratch memory of the calling thread;
 * failures are logged (they do not happen with what compiled). */
void cnn_dnnl_run (dnnl_primitive_t primitive, const dnnl_exec_arg_t *args, int n);

/** The post-op of an activation: %FALSE where oneDNN has none that is the same. */
gboolean cnn_dnnl_eltwise (const CnnActivationAttrs *act, dnnl_alg_kind_t *alg, float *alpha, float *beta);

/** A buffer aligned for vector loads; zeroed. Freed by cnn_dnnl_free(). */
float *cnn_dnnl_alloc (gsize n_floats);
void cnn_dnnl_free (float *buffer);

G_END_DECLS
