/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The operators' shape rules: one function a line of the operator table. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-op.h"
#include "cnn-error.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

typedef gboolean (*ShapeRule) (const CnnOp *op, const CnnShape *in, CnnShape *out, GError **error);

static gboolean refuse (const CnnOp *op, GError **error, const char *format, ...) G_GNUC_PRINTF (3, 4);

static gboolean
refuse (const CnnOp *op, GError **error, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL, _ ("Layer “%s” (%s): %s"), op->name,
               cnn_op_kind_name (op->kind), what);
  return FALSE;
}

static gboolean
refuse_input (const CnnOp *op, const CnnShape *in, GError **error)
{
  g_autofree char *text = cnn_shape_to_string (in);

  return refuse (op, error, _ ("an input of shape %s does not fit"), text);
}

/* Spatial axes follow batch and channels. */
static gboolean
windowed (const CnnOp *op, const CnnWindow *window, const CnnShape *in, gint64 channels, CnnShape *out,
          GError **error)
{
  if (in->rank != window->n_axes + 2)
    return refuse_input (op, in, error);
  *out = *in;
  out->dims[1] = channels;
  for (guint i = 0; i < window->n_axes; i++) {
    gint64 begin, end;

    if (!cnn_window_resolve (window, i, in->dims[i + 2], &begin, &end, &out->dims[i + 2]))
      return refuse (op, error, _ ("a window of %" PRId64 " does not fit into an input of %" PRId64),
                     (window->kernel[i] - 1) * window->dilation[i] + 1, in->dims[i + 2]);
  }
  return TRUE;
}

static gboolean
check_bias (const CnnOp *op, const CnnShape *in, gint64 channels, GError **error)
{
  if (op->n_inputs < 3 || op->inputs[2] == CNN_NO_VALUE)
    return TRUE;
  if (cnn_shape_size (&in[2]) != (gsize)channels)
    return refuse (op, error, _ ("a bias of %zu numbers was found, %" PRId64 " were expected"),
                   cnn_shape_size (&in[2]), channels);
  return TRUE;
}

static gboolean
check_kernel (const CnnOp *op, const CnnWindow *window, const CnnShape *kernel, GError **error)
{
  gboolean fits = kernel->rank == window->n_axes + 2;

  for (guint i = 0; fits && i < window->n_axes; i++)
    fits = kernel->dims[i + 2] == window->kernel[i];
  if (!fits) {
    g_autofree char *text = cnn_shape_to_string (kernel);

    return refuse (op, error, _ ("a kernel of shape %s does not fit the layer’s kernel size"), text);
  }
  return TRUE;
}

static gboolean
cnn_shape_rule_conv (const CnnOp *op, const CnnShape *in, CnnShape *out, GError **error)
{
  const CnnWindow *window = &op->attrs.conv.window;
  gint64 groups = op->attrs.conv.groups;

  if (!check_kernel (op, window, &in[1], error))
    return FALSE;
  if (groups < 1 || in[0].rank < 2 || in[1].dims[0] % groups != 0 || in[1].dims[0] < 1 ||
      in[0].dims[1] / groups != in[1].dims[1] || in[0].dims[1] % groups != 0)
    return refuse (op, error,
                   _ ("a kernel for %" PRId64 " input channels in %" PRId64
                      " groups does not fit an input of %" PRId64 " channels"),
                   in[1].dims[1] * groups, groups, in[0].rank < 2 ? 0 : in[0].dims[1]);
  return check_bias (op, in, in[1].dims[0], error) &&
         windowed (op, window, &in[0], in[1].dims[0], out, error);
}

static gboolean
cnn_shape_rule_conv_transpose (const CnnOp *op, const CnnShape *in, CnnShape *out, GError **error)
{
  const CnnWindow *window = &op->attrs.conv_transpose.window;
  gint64 groups = op->attrs.conv_transpose.groups;

  if (!check_kernel (op, window, &in[1], error))
    return FALSE;
  if (in[0].rank != window->n_axes + 2 || groups < 1 || in[0].dims[1] % groups != 0 ||
      in[1].dims[0] != in[0].dims[1])
    return refuse_input (op, &in[0], error);
  *out = in[0];
  out->dims[1] = in[1].dims[1] * groups;
  for (guint i = 0; i < window->n_axes; i++) {
    gint64 reach = (window->kernel[i] - 1) * window->dilation[i] + 1;
    gint64 full = (in[0].dims[i + 2] - 1) * window->stride[i] + reach;

    if (op->attrs.conv_transpose.output_size[i] > 0)
      out->dims[i + 2] = op->attrs.conv_transpose.output_size[i];
    else if (window->same)
      out->dims[i + 2] = in[0].dims[i + 2] * window->stride[i];
    else
      out->dims[i + 2] =
          full - window->pad_begin[i] - window->pad_end[i] + op->attrs.conv_transpose.output_pad[i];
    if (out->dims[i + 2] < 1 || out->dims[i + 2] > full + window->stride[i] + reach)
      return refuse_input (op, &in[0], error);
  }
  return check_bias (op, in, out->dims[1], error);
}

static gboolean
cnn_shape_rule_dense (const CnnOp *op, const CnnShape *in, CnnShape *out, GError **error)
{
  if (in[1].rank != 2 || in[0].rank < 1)
    return refuse_input (op, &in[0], error);
  if (in[0].dims[in[0].rank - 1] != in[1].dims[1])
    return refuse (op, error, _ ("weights for %" PRId64 " inputs do not fit an input of %" PRId64 " numbers"),
                   in[1].dims[1], in[0].dims[in[0].rank - 1]);
  *out = in[0];
  out->dims[out->rank - 1] = in[1].dims[0];
  return check_bias (op, in, in[1].dims[0], error);
}

static gboolean
cnn_shape_rule_matmul (const CnnOp *op, const CnnShape *in, CnnShape *out, GError **error)
{
  CnnShape a = in[0], b = in[1], outer_a, outer_b;

  if (a.rank < 2 || b.rank < 2 || a.dims[a.rank - 1] != b.dims[b.rank - 2])
    return refuse_input (op, &b, error);
  outer_a = a;
  outer_b = b;
  outer_a.rank -= 2;
  outer_b.rank -= 2;
  if (!cnn_shape_broadcast (&outer_a, &outer_b, out) || out->rank + 2 > CNN_MAX_RANK)
    return refuse_input (op, &b, error);
  out->dims[out->rank++] = a.dims[a.rank - 2];
  out->dims[out->rank++] = b.dims[b.rank - 1];
  return TRUE;
}

static gboolean
cnn_shape_rule_pool (const CnnOp *op, const CnnShape *in, CnnShape *out, GError **error)
{
  return windowed (op, &op->attrs.pool.window, &in[0], in[0].rank > 1 ? in[0].dims[1] : 0, out, error);
}

static gboolean
cnn_shape_rule_batch_norm (const CnnOp *op, const CnnShape *in, CnnShape *out, GError **error)
{
  guint axis = op->attrs.batch_norm.axis;

  if (axis >= in[0].rank || cnn_shape_size (&in[1]) != (gsize)in[0].dims[axis] ||
      cnn_shape_size (&in[2]) != (gsize)in[0].dims[axis])
    return refuse (op, error, _ ("%zu scales do not fit the input’s channels"), cnn_shape_size (&in[1]));
  *out = in[0];
  return TRUE;
}

static gboolean
cnn_shape_rule_normalize (const CnnOp *op, const CnnShape *in, CnnShape *out, GError **error)
{
  gint64 groups = op->attrs.normalize.groups;
  guint first = op->attrs.normalize.first_axis;
  gsize n;

  if (in[0].rank < 2 || (groups > 0 && in[0].dims[1] % groups != 0) ||
      (groups == 0 && (first < 1 || first >= in[0].rank)))
    return refuse_input (op, &in[0], error);
  n = groups != 0 ? (gsize)in[0].dims[1] : cnn_shape_size_from (&in[0], first);
  for (guint i = 1; i < op->n_inputs; i++)
    if (op->inputs[i] != CNN_NO_VALUE && cnn_shape_size (&in[i]) != n)
      return refuse (op, error, _ ("%zu scales were found, %zu were expected"), cnn_shape_size (&in[i]), n);
  *out = in[0];
  return TRUE;
}

static gboolean
cnn_shape_rule_lrn (const CnnOp *op, const CnnShape *in, CnnShape *out, GError **error)
{
  if (in[0].rank < 2 || op->attrs.lrn.size < 1)
    return refuse_input (op, &in[0], error);
  *out = in[0];
  return TRUE;
}

static gboolean
cnn_shape_rule_identity (const CnnOp *op, const CnnShape *in, CnnShape *out, GError **error)
{
  *out = in[0];
  return TRUE;
}
#define cnn_shape_rule_activation cnn_shape_rule_identity

static gboolean
cnn_shape_rule_prelu (const CnnOp *op, const CnnShape *in, CnnShape *out, GError **error)
{
  if (!cnn_shape_broadcast (&in[0], &in[1], out) || !cnn_shape_equal (out, &in[0]))
    return refuse_input (op, &in[1], error);
  return TRUE;
}

static gboolean
cnn_shape_rule_softmax (const CnnOp *op, const CnnShape *in, CnnShape *out, GError **error)
{
  if (op->attrs.softmax.axis >= in[0].rank)
    return refuse_input (op, &in[0], error);
  *out = in[0];
  return TRUE;
}

static gboolean
cnn_shape_rule_binary (const CnnOp *op, const CnnShape *in, CnnShape *out, GError **error)
{
  if (!cnn_shape_broadcast (&in[0], &in[1], out)) {
    g_autofree char *a = cnn_shape_to_string (&in[0]), *b = cnn_shape_to_string (&in[1]);

    return refuse (op, error, _ ("inputs of shapes %s and %s do not go together"), a, b);
  }
  return TRUE;
}

static gboolean
cnn_shape_rule_concat (const CnnOp *op, const CnnShape *in, CnnShape *out, GError **error)
{
  guint axis = op->attrs.concat.axis;

  if (op->n_inputs < 1 || axis >= in[0].rank)
    return refuse (op, error, _ ("there is no axis %u to join along"), axis);
  *out = in[0];
  for (guint i = 1; i < op->n_inputs; i++) {
    CnnShape other = in[i];

    if (other.rank == out->rank)
      other.dims[axis] = out->dims[axis];
    if (!cnn_shape_equal (&other, out))
      return refuse_input (op, &in[i], error);
    if (in[i].dims[axis] > G_MAXINT64 - out->dims[axis])
      return refuse_input (op, &in[i], error);
    out->dims[axis] += in[i].dims[axis];
  }
  return TRUE;
}

static gboolean
cnn_shape_rule_slice (const CnnOp *op, const CnnShape *in, CnnShape *out, GError **error)
{
  *out = in[0];
  for (guint i = 0; i < in[0].rank; i++) {
    gint64 start = op->attrs.slice.start[i], step = op->attrs.slice.step[i], count = op->attrs.slice.count[i];
    gint64 dim = in[0].dims[i], last;

    if (count == -1) /* all that follow the start */
      count = step > 0 ? (dim - start + step - 1) / step : start / -MIN (step, -1) + 1;
    last = start + (count - 1) * step;
    if (step == 0 || count < 0 || count > dim ||
        (count > 0 && (start < 0 || start >= dim || last < 0 || last >= dim)))
      return refuse_input (op, &in[0], error);
    out->dims[i] = count;
  }
  return TRUE;
}

static gboolean
cnn_shape_rule_pad (const CnnOp *op, const CnnShape *in, CnnShape *out, GError **error)
{
  *out = in[0];
  for (guint i = 0; i < in[0].rank; i++) {
    gint64 before = op->attrs.pad.before[i], after = op->attrs.pad.after[i], dim = in[0].dims[i];

    if (ABS (before) > G_MAXINT32 || ABS (after) > G_MAXINT32)
      return refuse_input (op, &in[0], error);
    if (op->attrs.pad.kind == CNN_PAD_REFLECT && (before >= dim || after >= dim))
      return refuse (op, error, _ ("a reflected border must be smaller than the input"));
    out->dims[i] = dim + before + after;
    if (out->dims[i] < 1)
      return refuse (op, error, _ ("nothing of an input of %" PRId64 " is left after cropping"), dim);
  }
  return TRUE;
}

static gboolean
cnn_shape_rule_resize (const CnnOp *op, const CnnShape *in, CnnShape *out, GError **error)
{
  if (in[0].rank < 3 || in[0].rank > 4)
    return refuse_input (op, &in[0], error);
  *out = in[0];
  for (guint i = 0; i + 2 < in[0].rank; i++) {
    double size = op->attrs.resize.size[i] > 0 ? (double)op->attrs.resize.size[i]
                                               : in[0].dims[i + 2] * op->attrs.resize.scale[i];

    /* an exporter's scale of 1.9999999 means 2; ONNX rounds down */
    size = op->attrs.resize.size[i] > 0 ? size : (double)(gint64)(MIN (size, 1e9) + 1e-6);
    if (!(size >= 1 && size < 1e6))
      return refuse_input (op, &in[0], error);
    out->dims[i + 2] = (gint64)size;
  }
  return TRUE;
}

static gboolean
cnn_shape_rule_reshape (const CnnOp *op, const CnnShape *in, CnnShape *out, GError **error)
{
  gsize n = cnn_shape_size (&in[0]), known = 1;
  int rest = -1;

  *out = op->attrs.reshape.shape;
  for (guint i = 0; i < out->rank; i++) {
    if (out->dims[i] == 0 && i < in[0].rank)
      out->dims[i] = in[0].dims[i];
    if (out->dims[i] == -1 && rest < 0) {
      rest = (int)i;
      continue;
    }
    if (out->dims[i] < 1 || (gsize)out->dims[i] > n / known)
      return refuse_input (op, &in[0], error);
    known *= (gsize)out->dims[i];
  }
  if (rest >= 0)
    out->dims[rest] = (gint64)(n / known);
  if (cnn_shape_size (out) != n) {
    g_autofree char *from = cnn_shape_to_string (&in[0]), *to = cnn_shape_to_string (out);

    return refuse (op, error, _ ("an input of shape %s cannot become %s"), from, to);
  }
  return TRUE;
}

static gboolean
cnn_shape_rule_transpose (const CnnOp *op, const CnnShape *in, CnnShape *out, GError **error)
{
  guint seen = 0;

  out->rank = in[0].rank;
  for (guint i = 0; i < in[0].rank; i++) {
    guint axis = op->attrs.transpose.axes[i];

    if (axis >= in[0].rank)
      return refuse_input (op, &in[0], error);
    seen |= 1u << axis;
    out->dims[i] = in[0].dims[axis];
  }
  return seen == (1u << in[0].rank) - 1 || refuse (op, error, _ ("the axes are no permutation"));
}

static gboolean
cnn_shape_rule_reduce (const CnnOp *op, const CnnShape *in, CnnShape *out, GError **error)
{
  guint reduced = 0;

  for (guint i = 0; i < op->attrs.reduce.n_axes; i++) {
    if (op->attrs.reduce.axes[i] >= in[0].rank)
      return refuse_input (op, &in[0], error);
    reduced |= 1u << op->attrs.reduce.axes[i];
  }
  out->rank = 0;
  for (guint i = 0; i < in[0].rank; i++) {
    if (!(reduced & (1u << i)))
      out->dims[out->rank++] = in[0].dims[i];
    else if (op->attrs.reduce.keep_dims)
      out->dims[out->rank++] = 1;
  }
  return TRUE;
}

static gboolean
cnn_shape_rule_select (const CnnOp *op, const CnnShape *in, CnnShape *out, GError **error)
{
  CnnShape both;

  if (!cnn_shape_broadcast (&in[1], &in[2], &both))
    return refuse_input (op, &in[2], error);
  return cnn_shape_broadcast (&in[0], &both, out) || refuse_input (op, &in[0], error);
}

static gboolean
cnn_shape_rule_along (const CnnOp *op, const CnnShape *in, CnnShape *out, GError **error)
{
  CnnAlongKind kind = op->attrs.along.kind;
  guint axis = op->attrs.along.axis;

  *out = in[0];
  if (axis >= in[0].rank)
    return refuse_input (op, &in[0], error);
  if (kind == CNN_ALONG_VALUES || kind == CNN_ALONG_PLACES) {
    if (op->attrs.along.count < 1 || op->attrs.along.count > in[0].dims[axis])
      return refuse_input (op, &in[0], error);
    out->dims[axis] = op->attrs.along.count;
  }
  return TRUE;
}

/* Places of whole slices along an axis. */
static gboolean
gather_slices (const CnnOp *op, const CnnShape *in, CnnShape *out, GError **error)
{
  guint axis = op->attrs.gather.axis;

  if (axis >= in[0].rank || in[0].rank - 1 + in[1].rank > CNN_MAX_RANK)
    return refuse_input (op, &in[0], error);
  out->rank = 0;
  for (guint i = 0; i < in[0].rank; i++) {
    for (guint k = 0; i == axis && k < in[1].rank; k++)
      out->dims[out->rank++] = in[1].dims[k];
    if (i != axis)
      out->dims[out->rank++] = in[0].dims[i];
  }
  return TRUE;
}

/* Places that are tuples: what they choose is as large as the axes of the input that are left. */
static gboolean
gather_tuples (const CnnOp *op, const CnnShape *in, CnnShape *out, GError **error)
{
  guint common = op->attrs.gather.axis, rank = in[1].rank;
  gint64 n = rank > 0 ? in[1].dims[rank - 1] : 0;

  if (rank < 1 || common >= rank || n < 1 || n > (gint64)in[0].rank - common ||
      rank - 1 + in[0].rank - common - (guint)n > CNN_MAX_RANK)
    return refuse_input (op, &in[1], error);
  *out = in[1];
  out->rank = rank - 1;
  for (guint i = 0; i < common; i++)
    if (in[0].dims[i] != in[1].dims[i])
      return refuse_input (op, &in[1], error);
  for (guint i = common + (guint)n; i < in[0].rank; i++)
    out->dims[out->rank++] = in[0].dims[i];
  return TRUE;
}

static gboolean
cnn_shape_rule_gather (const CnnOp *op, const CnnShape *in, CnnShape *out, GError **error)
{
  for (guint i = 0; i < in[0].rank; i++)
    if (in[0].dims[i] < 1)
      return refuse_input (op, &in[0], error);
  if (op->attrs.gather.kind == CNN_PLACES_SLICES)
    return gather_slices (op, in, out, error);
  if (op->attrs.gather.kind == CNN_PLACES_TUPLES)
    return gather_tuples (op, in, out, error);
  if (in[0].rank != in[1].rank || op->attrs.gather.axis >= in[0].rank)
    return refuse_input (op, &in[1], error);
  *out = in[1];
  for (guint i = 0; i < in[0].rank; i++)
    if (i != op->attrs.gather.axis && in[1].dims[i] > in[0].dims[i])
      return refuse_input (op, &in[1], error);
  return TRUE;
}

static gboolean
cnn_shape_rule_scatter (const CnnOp *op, const CnnShape *in, CnnShape *out, GError **error)
{
  CnnShape chosen;

  if (!cnn_shape_rule_gather (op, in, &chosen, error))
    return FALSE;
  *out = in[0];
  return cnn_shape_equal (&chosen, &in[2]) || refuse_input (op, &in[2], error);
}

static gboolean
cnn_shape_rule_grid_sample (const CnnOp *op, const CnnShape *in, CnnShape *out, GError **error)
{
  if (in[0].rank != 4 || in[1].rank != 4 || in[1].dims[0] != in[0].dims[0] || in[1].dims[3] != 2)
    return refuse_input (op, &in[1], error);
  *out = cnn_shape4 (in[0].dims[0], in[0].dims[1], in[1].dims[1], in[1].dims[2]);
  return TRUE;
}

static gboolean
cnn_shape_rule_unsupported (const CnnOp *op, const CnnShape *in, CnnShape *out, GError **error)
{
  return refuse (op, error, _ ("the operator “%s” is not known"), op->attrs.unsupported.type);
}

gboolean
cnn_op_infer_shape (const CnnOp *op, const CnnShape *inputs, CnnShape *output, GError **error)
{
  static const ShapeRule rules[CNN_N_OPS] = {
#define CNN_OP_RULE(ENUM, name, stem) [CNN_OP_##ENUM] = cnn_shape_rule_##stem,
    CNN_OPERATOR_TABLE (CNN_OP_RULE)
#undef CNN_OP_RULE
  };
  gsize count;

  if (!rules[op->kind](op, inputs, output, error))
    return FALSE;
  if (!cnn_shape_count (output, &count)) {
    g_autofree char *text = cnn_shape_to_string (output);

    return refuse (op, error, _ ("an output of shape %s is too large"), text);
  }
  return TRUE;
}

guint64
cnn_op_multiply_adds (const CnnOp *op, const CnnShape *in, const CnnShape *out)
{
  guint64 n = cnn_shape_size (out);

  switch (op->kind) {
  case CNN_OP_CONV:
    return n * cnn_shape_size_from (&in[1], 1);
  case CNN_OP_CONV_TRANSPOSE:
    return cnn_shape_size (&in[0]) * cnn_shape_size_from (&in[1], 1);
  case CNN_OP_DENSE:
    return n * (guint64)in[1].dims[1];
  case CNN_OP_MATMUL:
    return n * (guint64)in[0].dims[in[0].rank - 1];
  default: /* normalisations are folded into what is before them; the literature does not count them either */
    return 0;
  }
}
