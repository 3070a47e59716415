/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cnn-tensor.h"

G_BEGIN_DECLS

/**
 * The operator table. One line an operator: enumerator, name, and the stem of its functions: the shape rule
 * is cnn_shape_rule_<stem>() in model/cnn-shape-rules.c, the computation (forward and backward) is
 * cnn_kernel_<stem> in engine/cnn-kernel-*.c, or a step on oneDNN where cnn_step_class_for() has a faster
 * one. All axes are in CnnViz' order: batch, channels, then space.
 *
 * | operator | inputs | computes |
 * | conv | x, W (O, I/groups, k…), [b (O)] | cross-correlation over 1 or 2 spatial axes |
 * | conv_transpose | x, W (I, O/groups, k…), [b (O)] | its transpose |
 * | dense | x, W (O, I), [b (O)] | x W^T + b over the last axis of x |
 * | matmul | a, b | numpy's matmul, both may be activations |
 * | pool | x | max or average over windows of 1 or 2 spatial axes |
 * | batch_norm | x, scale (C), shift (C) | x·scale + shift along one axis; statistics are folded by the
 * reader | | normalize | x, [gamma], [beta] | layer, group or instance normalisation: statistics over axes of
 * each sample | | lrn | x | local response normalisation across channels | | activation | x | element-wise
 * function | | prelu | x, slope (broadcast) | x > 0 ? x : slope·x | | softmax | x | softmax or log-softmax
 * over an axis | | binary | a, b | element-wise with broadcasting | | concat | x… | along an axis | | slice |
 * x | start/step/count on every axis | | pad | x | constant, reflect, edge, wrap | | resize | x | nearest or
 * linear, spatial axes | | reshape | x | dims with 0 = keep, -1 = the rest | | transpose | x | permuted axes
 * | | reduce | x | mean, sum, max, min, … over axes | | select | c, a, b (broadcast) | c != 0 ? a : b |
 * | along | x | running sums, the largest or smallest and their places, one for the largest and 0 for others
 * | | gather | x, places | elements or slices at computed places | | scatter | x, places, y | x with elements
 * or slices of y at computed places | | grid_sample | x, grid | x at computed places between its elements, -1
 * .. 1 over each spatial axis | | identity | x | the same | | unsupported | x… | nothing: what the reader
 * does not know; everything before it can be used |
 */
#define CNN_OPERATOR_TABLE(OP)                                                                               \
  OP (CONV, "Conv", conv)                                                                                    \
  OP (CONV_TRANSPOSE, "ConvTranspose", conv_transpose)                                                       \
  OP (DENSE, "Dense", dense)                                                                                 \
  OP (MATMUL, "MatMul", matmul)                                                                              \
  OP (POOL, "Pool", pool)                                                                                    \
  OP (BATCH_NORM, "BatchNorm", batch_norm)                                                                   \
  OP (NORMALIZE, "Normalize", normalize)                                                                     \
  OP (LRN, "LRN", lrn)                                                                                       \
  OP (ACTIVATION, "Activation", activation)                                                                  \
  OP (PRELU, "PRelu", prelu)                                                                                 \
  OP (SOFTMAX, "Softmax", softmax)                                                                           \
  OP (BINARY, "Binary", binary)                                                                              \
  OP (CONCAT, "Concat", concat)                                                                              \
  OP (SLICE, "Slice", slice)                                                                                 \
  OP (PAD, "Pad", pad)                                                                                       \
  OP (RESIZE, "Resize", resize)                                                                              \
  OP (RESHAPE, "Reshape", reshape)                                                                           \
  OP (TRANSPOSE, "Transpose", transpose)                                                                     \
  OP (REDUCE, "Reduce", reduce)                                                                              \
  OP (SELECT, "Select", select)                                                                              \
  OP (ALONG, "Along", along)                                                                                 \
  OP (GATHER, "Gather", gather)                                                                              \
  OP (SCATTER, "Scatter", scatter)                                                                           \
  OP (GRID_SAMPLE, "GridSample", grid_sample)                                                                \
  OP (IDENTITY, "Identity", identity)                                                                        \
  OP (UNSUPPORTED, "Unsupported", unsupported)

typedef enum {
#define CNN_OP_ENUM(ENUM, name, stem) CNN_OP_##ENUM,
  CNN_OPERATOR_TABLE (CNN_OP_ENUM)
#undef CNN_OP_ENUM
      CNN_N_OPS
} CnnOpKind;

/** Element-wise functions; a, b, c are CnnActivationAttrs' parameters. */
typedef enum {
  CNN_ACT_LINEAR, /* a·x + b */
  CNN_ACT_RELU,   /* the rectifier family: x >= a ? a : x > c ? x : b·(x - c); a: cap (INFINITY: none), b:
                     slope, c: threshold */
  CNN_ACT_ELU,    /* x > 0 ? b·x : a·(e^x - 1); ELU has b = 1, SELU both constants */
  CNN_ACT_SIGMOID,
  CNN_ACT_TANH,
  CNN_ACT_SOFTPLUS,
  CNN_ACT_SOFTSIGN,
  CNN_ACT_HARD_SIGMOID, /* clip (a·x + b, 0, 1) */
  CNN_ACT_HARD_SWISH,   /* x·clip (x/6 + 1/2, 0, 1) */
  CNN_ACT_SWISH,        /* x·sigmoid (a·x) */
  CNN_ACT_MISH,
  CNN_ACT_GELU_ERF,
  CNN_ACT_GELU_TANH,
  CNN_ACT_ERF,
  CNN_ACT_EXP,
  CNN_ACT_LOG,
  CNN_ACT_SQRT,
  CNN_ACT_ABS,
  CNN_ACT_POWER, /* x^a */
  CNN_ACT_CLIP,  /* clip (x, a, b); clips that start at 0 are read as CNN_ACT_RELU */
  CNN_ACT_SIGN,
  CNN_ACT_FLOOR,
  CNN_ACT_CEIL,
  CNN_ACT_ROUND,
  CNN_ACT_SIN,
  CNN_ACT_COS,
  CNN_ACT_TAN,
  CNN_ACT_ASIN,
  CNN_ACT_ACOS,
  CNN_ACT_ATAN,
  CNN_ACT_SINH,
  CNN_ACT_COSH,
  CNN_ACT_ASINH,
  CNN_ACT_ACOSH,
  CNN_ACT_ATANH,
  CNN_ACT_SHRINK, /* x < -a ? x + b : x > a ? x - b : 0 */
  CNN_N_ACTS
} CnnActivation;

typedef enum { CNN_POOL_MAX, CNN_POOL_AVERAGE_VALID, CNN_POOL_AVERAGE_PADDED } CnnPoolKind;
typedef enum {
  CNN_BINARY_ADD,
  CNN_BINARY_SUB,
  CNN_BINARY_MUL,
  CNN_BINARY_DIV,
  CNN_BINARY_MAX,
  CNN_BINARY_MIN,
  CNN_BINARY_POW,
  CNN_BINARY_MOD, /* remainder with the sign of the divisor */
  CNN_BINARY_FMOD /* remainder with the sign of the dividend */
} CnnBinaryKind;
typedef enum { CNN_PAD_CONSTANT, CNN_PAD_REFLECT, CNN_PAD_EDGE, CNN_PAD_WRAP } CnnPadKind;
typedef enum {
  CNN_REDUCE_MEAN,
  CNN_REDUCE_SUM,
  CNN_REDUCE_MAX,
  CNN_REDUCE_MIN,
  CNN_REDUCE_PROD,
  CNN_REDUCE_L2
} CnnReduceKind;
/** What is computed of the numbers along an axis. Places are numbers from 0; equal numbers come in order. */
typedef enum {
  CNN_ALONG_SUMS,   /* each with those before it */
  CNN_ALONG_VALUES, /* the first of them in order of size */
  CNN_ALONG_PLACES, /* where those were; no gradient */
  CNN_ALONG_ONE_HOT /* 1 for the largest, else 0; no gradient */
} CnnAlongKind;
/** What a place means. */
typedef enum {
  CNN_PLACES_ELEMENTS, /* of one axis, for each element: x[…, place, …]; places have x's rank */
  CNN_PLACES_SLICES,   /* of one axis, for whole slices; any number of axes of places in its stead */
  CNN_PLACES_TUPLES    /* the last axis of places holds one number for each of x's first axes */
} CnnPlacesKind;
typedef enum { CNN_GRID_BILINEAR, CNN_GRID_NEAREST, CNN_GRID_BICUBIC } CnnGridKind;
/** What lies outside the input: zeros, the edge's number, or the input mirrored. */
typedef enum { CNN_GRID_ZEROS, CNN_GRID_BORDER, CNN_GRID_REFLECTION } CnnGridPadding;
typedef enum { CNN_RESIZE_NEAREST, CNN_RESIZE_LINEAR, CNN_RESIZE_CUBIC } CnnResizeKind;
/** How an output coordinate is carried to the input (ONNX Resize's names). */
typedef enum {
  CNN_COORDS_HALF_PIXEL,
  CNN_COORDS_PYTORCH_HALF_PIXEL,
  CNN_COORDS_ALIGN_CORNERS,
  CNN_COORDS_ASYMMETRIC,
  CNN_COORDS_HALF_PIXEL_SYMMETRIC,
  CNN_COORDS_TF_HALF_PIXEL_FOR_NN /* half of an output further, not of an input back */
} CnnResizeCoords;
typedef enum {
  CNN_NEAREST_ROUND_PREFER_FLOOR,
  CNN_NEAREST_ROUND_PREFER_CEIL,
  CNN_NEAREST_FLOOR,
  CNN_NEAREST_CEIL
} CnnResizeNearest;

/** A window that slides over the spatial axes; 1 or 2 of them. Unused entries are 1 (pads: 0). */
typedef struct {
  guint n_axes;
  gint64 kernel[2], stride[2], dilation[2]; /* dilation 1: dense */
  gint64 pad_begin[2], pad_end[2]; /* resolved from 'same' by the reader or by the shape rule, see same */
  gboolean same;                   /* pads follow the input size: TensorFlow's rule, more at the end */
  gboolean same_lower;             /* with same: more at the beginning (ONNX SAME_LOWER) */
  gboolean ceil_mode;              /* pooling: round the output size up */
} CnnWindow;

typedef struct {
  CnnActivation kind;
  float a, b, c;
} CnnActivationAttrs;

/** What parametrises an operator; the member named as the operator's stem counts. */
typedef union {
  struct {
    CnnWindow window;
    gint64 groups;
  } conv;
  struct {
    CnnWindow window;
    gint64 groups;
    gint64 output_pad[2];
    gint64 output_size[2]; /* 0: by the rule */
  } conv_transpose;
  struct {
    CnnWindow window;
    CnnPoolKind kind;
  } pool;
  struct {
    guint axis;
  } batch_norm;
  /* Statistics per sample over the group's channels and all of space (groups > 0: group norm, gamma/beta of
   * C), or over the axes first_axis.. (groups = 0: layer norm, gamma/beta of their shape), or over axis 1
   * only (groups = -1: Keras' LayerNormalization over channels). */
  struct {
    gint64 groups;
    guint first_axis;
    float epsilon;
  } normalize;
  struct {
    gint64 size;
    float alpha, beta, bias;
  } lrn; /* x / (bias + alpha/size · Σ x²)^beta */
  CnnActivationAttrs activation;
  struct {
    guint axis;
    gboolean log;
  } softmax;
  struct {
    CnnBinaryKind kind;
  } binary;
  struct {
    guint axis;
  } concat;
  struct {
    gint64 start[CNN_MAX_RANK], step[CNN_MAX_RANK], count[CNN_MAX_RANK]; /* count -1: all from start */
  } slice;
  struct {
    CnnPadKind kind;
    gint64 before[CNN_MAX_RANK], after[CNN_MAX_RANK]; /* negative: crop */
    float value;
  } pad;
  struct {
    CnnResizeKind kind;
    CnnResizeCoords coords;
    CnnResizeNearest nearest;
    double scale[2]; /* 0: what the sizes say */
    gint64 size[2];  /* 0: by scale */
    float cubic_a;
    gboolean antialias;
    gboolean exclude_outside; /* what lies outside has no part, rather than the edge's number */
  } resize;
  struct {
    CnnShape shape; /* dim 0 = keep the input's at that axis, -1 = the rest */
  } reshape;
  struct {
    guint axes[CNN_MAX_RANK];
  } transpose;
  struct {
    CnnReduceKind kind;
    guint n_axes;
    guint axes[CNN_MAX_RANK];
    gboolean keep_dims;
  } reduce;
  struct {
    CnnAlongKind kind;
    guint axis;
    gint64 count;                 /* VALUES, PLACES: how many */
    gboolean smallest, last;      /* order: smallest first, of equal ones the last first */
    gboolean exclusive, backward; /* SUMS: without the number itself, from the end */
  } along;
  struct {
    CnnPlacesKind kind;
    guint axis;   /* TUPLES: how many axes are common to x and places */
    gboolean add; /* scatter, which has these too: added to what is there */
  } gather;
  struct {
    CnnGridKind kind;
    CnnGridPadding padding;
    gboolean align_corners; /* -1 and 1 are the middles of the outermost elements, not their edges */
  } grid_sample;
  struct {
    char *type; /* the file's own name of the operator (owned by the op) */
  } unsupported;
} CnnOpAttrs;

/** The most inputs of an operator other than concat. */
#define CNN_NO_VALUE G_MAXUINT

/**
 * CnnOp: one computation of the graph. @inputs are indices of CnnModel's values, constants among them;
 * an absent optional input is CNN_NO_VALUE.
 */
typedef struct {
  CnnOpKind kind;
  char *name; /* the framework's name of the node, never NULL */
  guint n_inputs;
  guint *inputs;
  guint output; /* every operator has one output */
  guint layer;  /* index of the layer that it belongs to */
  CnnOpAttrs attrs;
} CnnOp;

/** The name in the operator table. */
const char *cnn_op_kind_name (CnnOpKind kind);

/** The name of an element-wise function, "relu". */
const char *cnn_activation_name (CnnActivation kind);

/** CnnActivationAttrs of the plain rectifier max (x, 0). */
CnnActivationAttrs cnn_activation_relu (void);

/** Whether @act is a rectifier: what the modifiers gate (ReLU, capped and leaky ReLU). */
gboolean cnn_activation_is_rectifier (const CnnActivationAttrs *act);

/**
 * cnn_op_infer_shape:
 * @inputs: the shapes of the inputs, rank 0 for an absent one
 * @constants: the inputs' constants or %NULL, for operators whose shape depends on them
 *
 * The operator's shape rule. Overflow and impossible sizes are errors that say what was found.
 */
gboolean cnn_op_infer_shape (const CnnOp *op, const CnnShape *inputs, CnnShape *output, GError **error);

/** Multiply-adds of one run with these shapes; 0 for operators that do not multiply. */
guint64 cnn_op_multiply_adds (const CnnOp *op, const CnnShape *inputs, const CnnShape *output);

/** The pads of a window for an input of @in elements on spatial axis @axis, 'same' resolved; and the output
 * size. */
gboolean cnn_window_resolve (const CnnWindow *window, guint axis, gint64 in, gint64 *pad_begin,
                             gint64 *pad_end, gint64 *out);

G_END_DECLS
