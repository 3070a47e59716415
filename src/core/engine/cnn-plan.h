/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/steps/cnn-dnnl.h"
#include "engine/kernels/cnn-kernel.h"

G_BEGIN_DECLS

/**
 * A plan is a model compiled for a batch size: fused steps over slots in one arena. cnn-plan.c builds it, the
 * steps' classes (cnn-step-*.c) compile and run themselves, cnn-backward.c runs the way back.
 */
typedef struct _CnnPlan CnnPlan;
typedef struct _CnnStep CnnStep;
typedef struct _CnnBackward CnnBackward;
typedef struct _CnnWeightCache CnnWeightCache;
typedef struct _CnnRegion CnnRegion;   /* cnn-region.h */
typedef struct _CnnRegions CnnRegions; /* cnn-region.h */

/**
 * CnnSlot: a tensor of a plan. Channels lie in blocks: n, c / block, space, block (block 1: plain row-major,
 * block c: channels last). Lanes that fill up the last block are zero.
 */
typedef struct {
  CnnShape shape;    /* with the plan's batch */
  gint64 n, c, h, w; /* as an image; space is h·w, h = 1 for one spatial axis, both 1 for rank 2 */
  guint block;
  gsize sample_size;       /* floats of one of the n samples, filled-up lanes included */
  const CnnRegion *region; /* what of the tensor it holds; NULL: all of it */
  gboolean rounded;        /* by Winograd's algorithm: what should be equal is not, to a few millionths */
  float *data;
  /*< private: arena >*/
  guint first, last; /* steps between which it is alive */
  gsize offset;
} CnnSlot;

/** What a step class compiles into and runs. */
typedef struct {
  gboolean (*compile) (CnnPlan *plan, CnnStep *step, GError **error);
  void (*forward) (CnnPlan *plan, CnnStep *step);
  /** Fills step->backward_state of @backward; may be NULL. */
  gboolean (*compile_backward) (CnnBackward *backward, CnnStep *step, gpointer *state, GError **error);
  /** From the output's diff to the inputs', which it adds to or writes by cnn_backward_target(). */
  void (*backward) (CnnBackward *backward, CnnStep *step, gpointer state);
  void (*free_state) (gpointer state);
  void (*free_backward) (gpointer state);
} CnnStepClass;

#define CNN_NO_SLOT G_MAXUINT

/** CnnStep: one computation of a plan: an operator, with what was fused into it. */
struct _CnnStep {
  const CnnStepClass *klass;
  const CnnOp *op;
  guint n_inputs;
  guint *inputs; /* slots; CNN_NO_SLOT for constants and absent inputs */
  guint output;  /* slot */
  /* fused into a convolution, an affine step or an addition */
  const CnnOp *batch_norm;
  guint residual; /* slot that is added before the activation, or CNN_NO_SLOT */
  const CnnActivationAttrs *activation;
  gboolean gathered[2]; /* rows, columns: the input comes with its margin, padding is no more to be added */
  gboolean thinned;     /* the input comes without what the stride leaves out */
  gpointer state;
};

struct _CnnPlan {
  CnnModel *model; /* not referenced: the engine's */
  guint batch;
  gboolean has_backward, unfused;
  CnnWeightCache *weights;
  GArray *slots;       /* CnnSlot */
  GPtrArray *steps;    /* CnnStep */
  guint *slot_of;      /* by value: slot, or CNN_NO_SLOT */
  CnnRegions *regions; /* not owned: which windows an occluder changes; NULL: everything is computed */
  /* called between steps of a run */
  void (*between) (gpointer data);
  gpointer between_data;
  float *arena;
  gsize arena_size;
};

/**
 * cnn_plan_new:
 * @wanted: values that can be read after a run; %NULL: every value that can be computed
 * @has_backward: keep what a backward pass needs
 * @unfused: keep every value by itself
 */
CnnPlan *cnn_plan_new (CnnModel *model, guint batch, const guint *wanted, guint n_wanted,
                       gboolean has_backward, gboolean unfused, CnnWeightCache *weights, GError **error);
/**
 * cnn_plan_new_windowed:
 * @region: what an occluder changes of @input; %NULL: all of it
 *
 * A plan that computes only what follows from that, and @wanted whole. Without @weights it is not compiled to
 * run: its steps only say what would be computed.
 */
CnnPlan *cnn_plan_new_windowed (CnnModel *model, guint batch, const guint *wanted, guint n_wanted,
                                guint input, CnnRegions *regions, const CnnRegion *region,
                                CnnWeightCache *weights, GError **error);
void cnn_plan_free (CnnPlan *plan);

CnnSlot *cnn_plan_slot (CnnPlan *plan, guint slot);
/** The slot of a value or %NULL where it was folded away or not asked for. */
CnnSlot *cnn_plan_value (CnnPlan *plan, guint value);

/** Copies @n samples from plain row-major into the first rows of a value's slot; and out of it. */
void cnn_plan_write (CnnPlan *plan, guint value, const float *in, guint first, guint n);
void cnn_plan_read (CnnPlan *plan, guint value, float *out, guint n);

/** Runs all steps; %FALSE when cancelled. @times: (nullable): milliseconds are added by layer. */
gboolean cnn_plan_forward (CnnPlan *plan, double *times, GCancellable *cancellable, GError **error);

/* for step classes */

/** The slot that holds what @slot holds, with channels in blocks of @block: @slot itself, or a copy made by a
 * step. */
guint cnn_plan_in_block (CnnPlan *plan, guint slot, guint block);
/** Describes a slot for oneDNN with batch @n. */
void cnn_slot_md (const CnnSlot *slot, gint64 n, dnnl_memory_desc_t *md);
/** Sets the block of a step's output and so its size. */
void cnn_slot_set_block (CnnSlot *slot, guint block);
/** Makes @slot hold the window of @region, or, where that is %NULL, all of what @former was a window of. */
void cnn_slot_set_region (CnnSlot *slot, const CnnRegion *region, const CnnRegion *former);
/** A step that is not yet in a plan. */
CnnStep *cnn_step_new (const CnnStepClass *klass, const CnnOp *op, guint n_inputs);
/** Zeroes the lanes beyond c, which functions with f(0) != 0 have dirtied. */
void cnn_slot_clear_tail (const CnnSlot *slot, float *data, gint64 n);
/** Between blocks: @n samples; @add: adds to what is there. */
void cnn_block_convert (const float *in, guint in_block, float *out, guint out_block, gint64 n, gint64 c,
                        gint64 space, gboolean add);

/** The tensor of a constant input of @op. */
const CnnTensor *cnn_plan_constant (CnnPlan *plan, const CnnOp *op, guint input);

/** The numbers of @tensor row-major: the file's own memory where they lie so, else a copy that is kept. */
const float *cnn_plan_plain_floats (CnnPlan *plan, const CnnTensor *tensor);

/* backward */

/** CnnBackward: the way back through a plan with a batch of its own. */
struct _CnnBackward {
  CnnPlan *plan;
  guint batch;
  guint repeat; /* rows of this batch for each row of the plan's */
  CnnModifier modifier;
  CnnGateCount gates;
  float **diffs;         /* by slot */
  gboolean *written;     /* by slot, during a run */
  gboolean *needed;      /* by slot, during a run: lies on the way to what is wanted */
  gpointer *states;      /* by step */
  gboolean *is_compiled; /* by step */
  float *arena;
  float *scratch;
  gsize scratch_size;
};

CnnBackward *cnn_backward_new (CnnPlan *plan, guint batch);
void cnn_backward_free (CnnBackward *self);
/** Floats of the arena that a batch of 1 needs. */
gsize cnn_backward_sample_cost (CnnPlan *plan);

/**
 * cnn_backward_run:
 * @seed: plain gradient at @value, batch rows
 * @outs: by @wrt: plain gradients, batch rows; zeros where the seed does not depend on it
 */
gboolean cnn_backward_run (CnnBackward *self, guint value, const float *seed, CnnModifier modifier,
                           const guint *wrt, guint n_wrt, float *const *outs, GCancellable *cancellable,
                           GError **error);

/** Where a step writes the diff of @slot: the diff itself when it is the first to write, else scratch memory.
 */
float *cnn_backward_target (CnnBackward *self, guint slot);
/** Ends what cnn_backward_target() began: adds the scratch to the diff. */
void cnn_backward_commit (CnnBackward *self, guint slot, float *target);
/** Whether anybody wants the diff of @slot. */
gboolean cnn_backward_wants (CnnBackward *self, guint slot);
/** The forward's row for row @i of the backward. */
const float *cnn_backward_row (CnnBackward *self, guint slot, guint i);
/** Passes the output's diff back through a fused activation, in place. */
void cnn_backward_gate (CnnBackward *self, CnnStep *step);
/** y += x */
void cnn_add_floats (float *y, const float *x, gsize n);

/** The classes by operator: cnn_step_class_for() gives the class that is compiled. */
extern const CnnStepClass cnn_step_class_conv, cnn_step_class_dense, cnn_step_class_pool,
    cnn_step_class_affine, cnn_step_class_activation, cnn_step_class_add, cnn_step_class_concat,
    cnn_step_class_convert, cnn_step_class_kernel, cnn_step_class_space;
const CnnStepClass *cnn_step_class_for (CnnPlan *plan, const CnnOp *op);

/* packed weights, shared by all plans of an engine */

CnnWeightCache *cnn_weight_cache_new (void);
void cnn_weight_cache_free (CnnWeightCache *self);
/** Weights as they are, or with in and out exchanged and each kernel turned, for the way back. */
enum { CNN_WEIGHTS_STRAIGHT, CNN_WEIGHTS_TURNED };
/**
 * cnn_weight_cache_find:
 * @key, @folded: whose weights, and what is folded into them
 * @form: CNN_WEIGHTS_…
 *
 * Returns: (transfer none) (nullable): a memory object of @to that was packed before.
 */
dnnl_memory_t cnn_weight_cache_find (CnnWeightCache *self, gconstpointer key, gconstpointer folded,
                                     guint form, const dnnl_memory_desc_t *to);
/**
 * cnn_weight_cache_pack:
 * @from: description of @data
 * @to: the format wanted
 * @keep: @data outlives the cache: where the formats are the same, the memory object lies over it
 *
 * Returns: (transfer none): a memory object of @to.
 */
dnnl_memory_t cnn_weight_cache_pack (CnnWeightCache *self, gconstpointer key, gconstpointer folded,
                                     guint form, const dnnl_memory_desc_t *from, const float *data,
                                     const dnnl_memory_desc_t *to, gboolean keep);
/** What kind of floats is kept under a key. */
enum { CNN_FLOATS_FOLDED_BIAS, CNN_FLOATS_PLAIN };

/** Floats kept under a key (folded biases, plain copies): NULL where nothing is yet; _put takes them. */
const float *cnn_weight_cache_lookup (CnnWeightCache *self, gconstpointer key, gconstpointer folded,
                                      guint what);
const float *cnn_weight_cache_put (CnnWeightCache *self, gconstpointer key, gconstpointer folded, guint what,
                                   float *data);

G_END_DECLS
