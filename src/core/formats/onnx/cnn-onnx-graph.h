/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cnn-onnx.h"
#include "cnn-onnx-proto.h"
#include "model/cnn-model-builder.h"

G_BEGIN_DECLS

typedef struct _CnnOnnxNode CnnOnnxNode;
typedef struct _CnnOnnxContext CnnOnnxContext;
typedef struct _CnnOnnxGraph CnnOnnxGraph;

/** CnnOnnxEdge: a named tensor of the graph. */
typedef struct {
  const char *name;
  CnnOnnxNode *producer;
  GPtrArray *consumers; /* CnnOnnxNode *, one entry a use */
  gboolean is_output;
  const Onnx__TensorProto *initializer;
  const Onnx__ValueInfoProto *input; /* where it is an input of the graph */
  CnnOnnxArray *array;               /* its numbers once they are known */
  guint value;                       /* the builder's, or CNN_NO_VALUE */
  guint turned; /* where the file has channels last: the builder's with channels first, or CNN_NO_VALUE */
} CnnOnnxEdge;

/** CnnOnnxNode: an operator of the file, or what a pattern of them was recognised as. */
struct _CnnOnnxNode {
  const Onnx__NodeProto *proto;
  char *type;
  char *name; /* the node's name, or that of the tensor it writes */
  guint n_inputs, n_outputs;
  CnnOnnxEdge **inputs, **outputs; /* NULL: left out */
  gboolean skip;                   /* folded, or part of a pattern */
  gboolean needed;                 /* some output depends on it */
  guint mark;                      /* for sorting */
  /* of recognised patterns */
  gboolean fused;
  CnnActivationAttrs activation;
  gint64 axis;
  float epsilon;
};

/** CnnOnnxOp: one operator type of the format: the one place where it is declared. */
typedef struct {
  const char *type;
  /** Adds operators to the builder, returns the first output's value. NULL: only on constants. */
  guint (*emit) (CnnOnnxContext *ctx, GError **error);
  /** Computes the first output from known inputs. NULL: never. */
  CnnOnnxArray *(*fold) (CnnOnnxContext *ctx, GError **error);
  int parameter;      /* which of a family */
  gboolean shapeless; /* can be added behind an operator that is not known */
} CnnOnnxOp;

/** By type, or %NULL. */
const CnnOnnxOp *cnn_onnx_op_find (const char *type);
/** That of a node, recognised patterns included. */
const CnnOnnxOp *cnn_onnx_op_of_node (const CnnOnnxNode *node);

struct _CnnOnnxGraph {
  CnnOnnxFile *file;
  const CnnOnnxOptions *options;
  CnnModelBuilder *builder;
  GHashTable *edges;     /* name -> CnnOnnxEdge * */
  GPtrArray *nodes;      /* in an order in which each follows its inputs */
  GHashTable *functions; /* of the file, by domain and name; NULL where there are none */
  GPtrArray *memory;     /* of nodes that are not in the file: bodies of functions and branches */
  gint64 opset;
  gboolean looked_at_sizes; /* sizes of values became constants */
  gint64 file_batch;        /* the fixed batch above 1 of the image input, or 1 */
  gsize budget;             /* numbers that filled tensors may still be written out to */
  gsize computed;           /* numbers that constant arithmetic has made */
};

/** In what order an operator whose pictures have channels last in the file is added: as in the file; in ours,
 * shapes and constants too; or told in the file's, its axes being changed when it is added. */
typedef enum { CNN_ONNX_AS_IN_FILE, CNN_ONNX_TURNED, CNN_ONNX_TURNED_AXES } CnnOnnxTurn;

/** What an operator's functions get. */
struct _CnnOnnxContext {
  CnnOnnxGraph *graph;
  CnnOnnxNode *node;
  const CnnOnnxOp *op;
  CnnOnnxTurn turn;
  /*< private >*/
  CnnShape shapes[4];
};

CnnOnnxGraph *cnn_onnx_graph_new (CnnOnnxFile *file, const CnnOnnxOptions *options,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
void cnn_onnx_graph_free (CnnOnnxGraph *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnnOnnxGraph, cnn_onnx_graph_free)

/** Whether the numbers of @edge are known (perhaps still in the file). */
gboolean cnn_onnx_edge_is_constant (const CnnOnnxEdge *edge);
/** The numbers of a constant edge, read at the first call. (transfer none) */
CnnOnnxArray *cnn_onnx_graph_array (CnnOnnxGraph *self, CnnOnnxEdge *edge, GError **error);
/** A constant of one element: its number. */
gboolean cnn_onnx_graph_scalar (CnnOnnxGraph *self, CnnOnnxEdge *edge, double *value);

/** Computes @node where its inputs are known. %FALSE: an error; *done tells whether it was. */
gboolean cnn_onnx_graph_fold (CnnOnnxGraph *self, CnnOnnxNode *node, gboolean *done, GError **error);
/** Replaces patterns of nodes by one (cnn-onnx-fuse.c). */
void cnn_onnx_graph_fuse (CnnOnnxGraph *self);

/** Adds a node of the file, or a copy of one, behind the others. */
gboolean cnn_onnx_graph_add_node (CnnOnnxGraph *self, const Onnx__NodeProto *proto, GError **error);
/** The tensor of that name, which is new where it was not known; %NULL for an empty name. */
CnnOnnxEdge *cnn_onnx_graph_edge (CnnOnnxGraph *self, const char *name);

/* Functions and branches (cnn-onnx-inline.c). */

/** The graph's nodes, with the bodies of the file's own functions in place of their calls. (element-type
 * Onnx__NodeProto) (transfer container), or %NULL with @error */
GPtrArray *cnn_onnx_graph_expand (CnnOnnxGraph *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Puts the branch of node number @index in its place, if it is an If whose condition is known. */
gboolean cnn_onnx_graph_inline_if (CnnOnnxGraph *self, guint index, GError **error);
/** Names of tensors that the graphs in a node's attributes take from around them. (transfer full) */
GPtrArray *cnn_onnx_node_captured (const Onnx__NodeProto *node);

/* Pictures with channels last (cnn-onnx-turned.c). */

/** Adds the operator, in our order of axes where that of the file can be left. Returns: as CnnOnnxOp.emit */
guint cnn_onnx_emit_turned (CnnOnnxContext *ctx, GError **error);
/** Turns the first output @value of an operator added as in the file, if its readers take it for a picture
 * with channels last. Returns: the value to show as the layer's, or CNN_NO_VALUE with @error */
guint cnn_onnx_turn_output (CnnOnnxContext *ctx, guint value, GError **error);
/** Whether what reads @edge, element-wise operators apart, takes it as (batch, height, width, channels). */
gboolean cnn_onnx_is_read_as_channels_last (CnnOnnxGraph *graph, CnnOnnxEdge *edge);
/** The value with channels first of an edge with channels last, and the other way about; made at the first
 * call. */
guint cnn_onnx_turned_value (CnnOnnxContext *ctx, CnnOnnxEdge *edge, GError **error);
guint cnn_onnx_file_value (CnnOnnxContext *ctx, CnnOnnxEdge *edge, GError **error);
/** A shape of 4 axes in our order, or (@ours FALSE) in the file's. */
void cnn_onnx_turned_shape (CnnShape *shape, gboolean ours);
/** A constant that goes with a turned picture. (transfer full) */
CnnTensor *cnn_onnx_turned_tensor (CnnTensor *tensor) G_GNUC_WARN_UNUSED_RESULT;
/** @file: the axes as the file counts them. */
void cnn_onnx_turned_attrs (CnnOpKind kind, const CnnOpAttrs *file, CnnOpAttrs *ours);

/* Far more than networks have (densenet-201: about a thousand operators); bounds the time that a file can ask
 * for. */
#define CNN_ONNX_MAX_NODES 32768

/** Names of the classes that the file carries, or %NULL (cnn-onnx-labels.c). (transfer full) */
char **cnn_onnx_graph_labels (CnnOnnxGraph *self);

/* Attributes, with the default that the format states. */
gint64 cnn_onnx_attr_int (const CnnOnnxNode *node, const char *name, gint64 standard);
float cnn_onnx_attr_float (const CnnOnnxNode *node, const char *name, float standard);
/** (transfer full), or %NULL where it is absent. */
char *cnn_onnx_attr_string (const CnnOnnxNode *node, const char *name);
/** (transfer none), or %NULL with *n = 0. */
const gint64 *cnn_onnx_attr_ints (const CnnOnnxNode *node, const char *name, gsize *n);
const Onnx__AttributeProto *cnn_onnx_attr_find (const CnnOnnxNode *node, const char *name);

/* For the operators' functions (cnn-onnx-ops.c). */

/** "The operator X (Conv) …" as CNN_ERROR_MODEL; returns CNN_NO_VALUE. */
guint cnn_onnx_refuse (CnnOnnxContext *ctx, GError **error, const char *format, ...) G_GNUC_PRINTF (3, 4);
/** The operator is known but not in this form: it is shown as unsupported. @format: what form. Returns
 * CNN_NO_VALUE. */
guint cnn_onnx_unsupported (CnnOnnxContext *ctx, GError **error, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/** Whether input @i is given. */
gboolean cnn_onnx_has_input (CnnOnnxContext *ctx, guint i);
/** One of a list of names that a string attribute has, by its number; -1: none of them. */
int cnn_onnx_attr_choice (const CnnOnnxNode *node, const char *name, const char *standard,
                          const char *const *names);
/** The shape of input @i, or %NULL where it is not known or absent. */
const CnnShape *cnn_onnx_in_shape (CnnOnnxContext *ctx, guint i);
/** The builder's value of input @i; constants are added. CNN_NO_VALUE with @error set where there is none. */
guint cnn_onnx_in_value (CnnOnnxContext *ctx, guint i, GError **error);
/** The numbers of input @i: %NULL with no error where it is absent; an activation there is unsupported. */
gboolean cnn_onnx_in_array (CnnOnnxContext *ctx, guint i, CnnOnnxArray **array, GError **error);
/** As a tensor, checked against the budget. (transfer full) */
CnnTensor *cnn_onnx_in_tensor (CnnOnnxContext *ctx, guint i, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Integers of input @i, or of attribute @name in older files. *found: whether either is given. */
gboolean cnn_onnx_in_ints (CnnOnnxContext *ctx, guint i, const char *name, GArray **ints, GError **error);

/** Adds an operator with one, two or three inputs. */
guint cnn_onnx_add (CnnOnnxContext *ctx, CnnOpKind kind, const CnnOpAttrs *attrs, const guint *inputs,
                    guint n, GError **error);
guint cnn_onnx_add1 (CnnOnnxContext *ctx, CnnOpKind kind, const CnnOpAttrs *attrs, guint input,
                     GError **error);
/** Adds a constant of the layer's own. */
guint cnn_onnx_add_constant (CnnOnnxContext *ctx, const char *name, CnnTensor *tensor);
/** Adds the layer's weight and its constant; the name is that of input @i. */
guint cnn_onnx_add_weight (CnnOnnxContext *ctx, guint i, CnnTensor *tensor, gboolean trainable);
guint cnn_onnx_add_activation (CnnOnnxContext *ctx, guint input, CnnActivation kind, float a, float b,
                               float c, GError **error);
/** Adds a reshape to @shape; dims that are the input's at that place are written as "keep". */
guint cnn_onnx_add_reshape (CnnOnnxContext *ctx, guint input, const CnnShape *shape, GError **error);
guint cnn_onnx_add_transpose (CnnOnnxContext *ctx, guint input, const guint *axes, guint rank,
                              GError **error);
/** Says which value an output is, for operators with several. */
void cnn_onnx_set_output (CnnOnnxContext *ctx, guint output, guint value);
/** Refuses a constant that is too large to be computed one number after the other, together with those before
 * it: what the file itself holds may be computed several times, but not what it only claims. */
gboolean cnn_onnx_spend (CnnOnnxContext *ctx, const CnnShape *shape, GError **error);
/** The same for a tensor that is only filled or written out, of which there may be more. */
gboolean cnn_onnx_spend_filled (CnnOnnxContext *ctx, const CnnShape *shape, GError **error);

/* The families of operators. */
guint cnn_onnx_emit_conv (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_conv_transpose (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_pool (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_global_pool (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_lp_pool (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_lp_norm (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_mean_variance_norm (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_gemm (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_matmul (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_batch_norm (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_instance_norm (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_group_norm (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_layer_norm (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_lrn (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_activation (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_clip (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_celu (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_prelu (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_softmax (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_binary (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_variadic (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_reduce (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_reduce_of (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_where (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_compare (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_truth (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_einsum (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_identity (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_cast (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_reshape (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_flatten (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_squeeze (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_unsqueeze (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_expand (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_tile (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_transpose (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_concat (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_slice (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_split (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_gather (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_pick (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_scatter (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_triangle (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_sums (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_arg (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_top_k (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_mod (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_grid_sample (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_pad (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_resize (CnnOnnxContext *ctx, GError **error);
guint cnn_onnx_emit_space_depth (CnnOnnxContext *ctx, GError **error);

CnnOnnxArray *cnn_onnx_fold_identity (CnnOnnxContext *ctx, GError **error);
CnnOnnxArray *cnn_onnx_fold_constant (CnnOnnxContext *ctx, GError **error);
CnnOnnxArray *cnn_onnx_fold_constant_of_shape (CnnOnnxContext *ctx, GError **error);
CnnOnnxArray *cnn_onnx_fold_shape (CnnOnnxContext *ctx, GError **error);
CnnOnnxArray *cnn_onnx_fold_size (CnnOnnxContext *ctx, GError **error);
CnnOnnxArray *cnn_onnx_fold_cast (CnnOnnxContext *ctx, GError **error);
CnnOnnxArray *cnn_onnx_fold_range (CnnOnnxContext *ctx, GError **error);
CnnOnnxArray *cnn_onnx_fold_unary (CnnOnnxContext *ctx, GError **error);
CnnOnnxArray *cnn_onnx_fold_binary (CnnOnnxContext *ctx, GError **error);
CnnOnnxArray *cnn_onnx_fold_dequantize (CnnOnnxContext *ctx, GError **error);
CnnOnnxArray *cnn_onnx_fold_where (CnnOnnxContext *ctx, GError **error);
CnnOnnxArray *cnn_onnx_fold_reduce (CnnOnnxContext *ctx, GError **error);
CnnOnnxArray *cnn_onnx_fold_reshape (CnnOnnxContext *ctx, GError **error);
CnnOnnxArray *cnn_onnx_fold_squeeze (CnnOnnxContext *ctx, GError **error);
CnnOnnxArray *cnn_onnx_fold_unsqueeze (CnnOnnxContext *ctx, GError **error);
CnnOnnxArray *cnn_onnx_fold_flatten (CnnOnnxContext *ctx, GError **error);
CnnOnnxArray *cnn_onnx_fold_expand (CnnOnnxContext *ctx, GError **error);
CnnOnnxArray *cnn_onnx_fold_transpose (CnnOnnxContext *ctx, GError **error);
CnnOnnxArray *cnn_onnx_fold_gather (CnnOnnxContext *ctx, GError **error);
CnnOnnxArray *cnn_onnx_fold_concat (CnnOnnxContext *ctx, GError **error);
CnnOnnxArray *cnn_onnx_fold_slice (CnnOnnxContext *ctx, GError **error);
CnnOnnxArray *cnn_onnx_fold_split (CnnOnnxContext *ctx, GError **error);
CnnOnnxArray *cnn_onnx_fold_tile (CnnOnnxContext *ctx, GError **error);
CnnOnnxArray *cnn_onnx_fold_sums (CnnOnnxContext *ctx, GError **error);
CnnOnnxArray *cnn_onnx_fold_nonzero (CnnOnnxContext *ctx, GError **error);
CnnOnnxArray *cnn_onnx_fold_triangle (CnnOnnxContext *ctx, GError **error);

/** What a parameter of the table means for fold_unary() and fold_binary(). */
typedef enum {
  CNN_ONNX_ADD,
  CNN_ONNX_SUB,
  CNN_ONNX_MUL,
  CNN_ONNX_DIV,
  CNN_ONNX_MAX,
  CNN_ONNX_MIN,
  CNN_ONNX_POW,
  CNN_ONNX_MEAN,
  CNN_ONNX_MOD,
  CNN_ONNX_EQUAL,
  CNN_ONNX_LESS,
  CNN_ONNX_LESS_EQUAL,
  CNN_ONNX_GREATER,
  CNN_ONNX_GREATER_EQUAL,
  CNN_ONNX_AND,
  CNN_ONNX_OR,
  CNN_ONNX_XOR
} CnnOnnxBinary;
/** Functions of a whole row. */
typedef enum { CNN_ONNX_SOFTMAX, CNN_ONNX_LOG_SOFTMAX, CNN_ONNX_HARDMAX } CnnOnnxRow;
/** Reductions that are one of ours with a function before or behind it. */
typedef enum {
  CNN_ONNX_REDUCE_L1,
  CNN_ONNX_REDUCE_LOG_SUM,
  CNN_ONNX_REDUCE_LOG_SUM_EXP,
  CNN_ONNX_REDUCE_SUM_SQUARE
} CnnOnnxReduce;
/** Element-wise functions of the format: more of them than CnnActivation has. */
typedef enum {
  CNN_ONNX_RELU,
  CNN_ONNX_LEAKY_RELU,
  CNN_ONNX_THRESHOLDED_RELU,
  CNN_ONNX_ELU,
  CNN_ONNX_SELU,
  CNN_ONNX_SIGMOID,
  CNN_ONNX_TANH,
  CNN_ONNX_SOFTPLUS,
  CNN_ONNX_SOFTSIGN,
  CNN_ONNX_HARD_SIGMOID,
  CNN_ONNX_HARD_SWISH,
  CNN_ONNX_MISH,
  CNN_ONNX_GELU,
  CNN_ONNX_ERF,
  CNN_ONNX_EXP,
  CNN_ONNX_LOG,
  CNN_ONNX_SQRT,
  CNN_ONNX_ABS,
  CNN_ONNX_NEG,
  CNN_ONNX_RECIPROCAL,
  CNN_ONNX_SIGN,
  CNN_ONNX_FLOOR,
  CNN_ONNX_CEIL,
  CNN_ONNX_ROUND,
  CNN_ONNX_SIN,
  CNN_ONNX_COS,
  CNN_ONNX_TAN,
  CNN_ONNX_ASIN,
  CNN_ONNX_ACOS,
  CNN_ONNX_ATAN,
  CNN_ONNX_SINH,
  CNN_ONNX_COSH,
  CNN_ONNX_ASINH,
  CNN_ONNX_ACOSH,
  CNN_ONNX_ATANH,
  CNN_ONNX_SHRINK,
  CNN_ONNX_NOT,
  CNN_ONNX_SWISH,
  CNN_ONNX_FUSED
} CnnOnnxUnary;
/** Resolves reshape's dims against @in: 0 keeps, -1 is the rest. */
gboolean cnn_onnx_reshape_target (CnnOnnxContext *ctx, const CnnShape *in, CnnOnnxArray *dims, CnnShape *out,
                                  GError **error);
/** The shape after squeeze and unsqueeze. */
gboolean cnn_onnx_squeezed (CnnOnnxContext *ctx, const CnnShape *in, CnnShape *out, GError **error);
gboolean cnn_onnx_unsqueezed (CnnOnnxContext *ctx, const CnnShape *in, CnnShape *out, GError **error);
gboolean cnn_onnx_flattened (CnnOnnxContext *ctx, const CnnShape *in, CnnShape *out, GError **error);
/** Sizes of the parts that Split cuts axis *axis into, one for each output. (transfer full) */
GArray *cnn_onnx_split_sizes (CnnOnnxContext *ctx, const CnnShape *in, guint *axis, GError **error);
/** Start, step and count of Slice on each axis of @in; @whole tells the axes that are taken as they are. */
gboolean cnn_onnx_slice_ranges (CnnOnnxContext *ctx, const CnnShape *in, CnnOpAttrs *attrs, CnnShape *out,
                                GError **error);
/** Axes of a reduction, all where none are given. */
gboolean cnn_onnx_reduce_axes (CnnOnnxContext *ctx, const CnnShape *in, CnnOpAttrs *attrs, gboolean *nothing,
                               GError **error);
/** perm of Transpose. */
gboolean cnn_onnx_permutation (CnnOnnxContext *ctx, const CnnShape *in, guint axes[CNN_MAX_RANK],
                               GError **error);

G_END_DECLS
