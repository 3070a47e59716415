/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-keras-layers.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* The order of layers: Sequential and functional models, models in models, layers that are called several
 * times. */

#define MAX_LAYERS (1u << 14)
#define MAX_NESTING 32

/* What an enclosing model means for its layers. */
typedef struct {
  const char *prefix; /* "outer/", "" at the top */
  const char *top;    /* NULL at the top */
  const char *folder; /* of a .keras file, "" at the top */
  gboolean trainable;
  guint depth;
} Around;

/* An argument in a list of inbound nodes. */
typedef struct {
  const char *layer; /* NULL for a constant */
  gint64 node, tensor;
  JsonNode *constant;
  const char *keyword;
} Ref;

typedef struct {
  char *name;
  const char *class_name;
  const char *module; /* where Keras 3 found the class, or NULL */
  JsonObject *config;
  char *folder;
  GPtrArray *nodes;   /* GArray of Ref */
  GPtrArray *outputs; /* GArray of guint for each node, NULL until it is built */
  guint8 *visiting;
  guint index; /* in its model */
} GraphLayer;

static gboolean build_model (CnnKerasReader *reader, JsonObject *model, const Around *around, GArray *inputs,
                             GArray *outputs, GError **error);

static void
graph_layer_free (GraphLayer *layer)
{
  g_free (layer->name);
  g_free (layer->folder);
  g_ptr_array_unref (layer->nodes);
  g_ptr_array_unref (layer->outputs);
  g_free (layer->visiting);
  g_free (layer);
}

static void
array_unref (gpointer array)
{
  if (array != NULL)
    g_array_unref (array);
}

/* Keras' folder for a class: its name in lower case with underscores. */
static char *
snake_case (const char *class_name)
{
  const char *mark = strrchr (class_name, '>');
  const char *s = mark != NULL ? mark + 1 : class_name;
  if (g_str_equal (s, "Model"))
    s = "Functional";
  GString *snake = g_string_new (NULL);
  for (gsize i = 0; s[i] != '\0'; i++) {
    if (i > 0 && g_ascii_isupper (s[i]) && (g_ascii_islower (s[i - 1]) || g_ascii_islower (s[i + 1])))
      g_string_append_c (snake, '_');
    g_string_append_c (snake, g_ascii_tolower (s[i]));
  }
  return g_string_free (snake, FALSE);
}

/* The folder of a layer in its model: the class and a running number. */
static char *
layer_folder (GHashTable *used, const char *class_name, const Around *around)
{
  g_autofree char *snake = snake_case (class_name);
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (used, snake));
  const char *slash = *around->folder != '\0' ? "/" : "";
  char *folder = n == 0 ? g_strdup_printf ("%s%slayers/%s", around->folder, slash, snake)
                        : g_strdup_printf ("%s%slayers/%s_%u", around->folder, slash, snake, n);
  g_hash_table_insert (used, g_steal_pointer (&snake), GUINT_TO_POINTER (n + 1));
  return folder;
}

JsonArray *
cnn_keras_model_layers (JsonObject *model)
{
  JsonNode *config = cnn_json_member (model, "config");
  JsonArray *array = cnn_json_node_array (config);
  return array != NULL ? array : cnn_json_array (cnn_json_node_object (config), "layers");
}

static gboolean
any_layer (JsonObject *model, CnnKerasLayerTest test, gpointer data, guint depth)
{
  JsonArray *layers = cnn_keras_model_layers (model);
  for (guint i = 0; layers != NULL && depth < 32 && i < json_array_get_length (layers); i++) {
    JsonObject *layer = cnn_json_node_object (json_array_get_element (layers, i));
    if (test (cnn_json_string (layer, "class_name", ""), cnn_json_object (layer, "config"), data) ||
        any_layer (layer, test, data, depth + 1))
      return TRUE;
  }
  return FALSE;
}

gboolean
cnn_keras_any_layer (JsonObject *model, CnnKerasLayerTest test, gpointer data)
{
  return any_layer (model, test, data, 0);
}

/* Models are told by what they consist of: subclasses of Sequential and Model have names of their own. */
static gboolean
is_model (JsonObject *layer)
{
  const char *class_name = cnn_json_string (layer, "class_name", "");
  JsonObject *config = cnn_json_object (layer, "config");
  if (g_str_equal (class_name, "Sequential") || g_str_equal (class_name, "Model") ||
      g_str_equal (class_name, "Functional"))
    return TRUE;
  return cnn_json_array (config, "layers") != NULL && cnn_json_member (config, "input_layers") != NULL;
}

static gboolean
layer_trainable (JsonObject *config, const Around *around)
{
  return around->trainable && cnn_json_boolean (config, "trainable", TRUE);
}

static const char *
layer_name (JsonObject *layer)
{
  const char *name = cnn_json_string (cnn_json_object (layer, "config"), "name", NULL);
  return cnn_json_string (layer, "name", name);
}

/* What an unknown layer has for weights can still be looked at. */
static void
add_unknown_weights (CnnKerasCall *call)
{
  CnnKerasStore *store = call->reader->store;
  g_autoptr (GPtrArray) names = call->first && store->list != NULL ? store->list (store, &call->scope) : NULL;
  for (guint i = 0; names != NULL && i < names->len; i++) {
    g_autoptr (CnnTensor) tensor = store->load (store, &call->scope, names->pdata[i], i, NULL, NULL);
    if (tensor != NULL)
      cnn_model_builder_add_weight (call->reader->builder, names->pdata[i], tensor, call->trainable);
  }
}

/* A number or a list beside the tensors of a call, rather than a flag like "training". */
static gboolean
has_numbers (const CnnKerasCall *call)
{
  for (guint i = 0; i < call->args->len; i++) {
    JsonNode *constant = g_array_index (call->args, CnnKerasArg, i).constant;
    if (constant != NULL &&
        (!JSON_NODE_HOLDS_VALUE (constant) || json_node_get_value_type (constant) != G_TYPE_BOOLEAN))
      return TRUE;
  }
  return FALSE;
}

/* Whether a function of Keras 3 stands in for a layer. Its module says so. HDF5 files name no modules, and
 * some functions are called as layers are; but only layers have a type of numbers or say whether they are
 * trainable, and only functions are given numbers beside tensors. */
static gboolean
is_function (const CnnKerasCall *call, const CnnKerasLayerKind *kind, const char *module)
{
  if (module != NULL)
    return strstr (module, ".ops") != NULL;
  if (call->reader->keras_major < 3 || cnn_json_member (call->config, "trainable") != NULL)
    return FALSE;
  if (kind == NULL)
    return TRUE;
  return cnn_json_member (call->config, "dtype") == NULL &&
         (has_numbers (call) || cnn_json_member (call->config, "newshape") != NULL ||
          (kind->build == cnn_keras_merge && call->n_inputs == 1));
}

/* Builds one call of a layer that is no model. */
static gboolean
build_layer (CnnKerasReader *reader, const GraphLayer *layer, const Around *around, GArray *args,
             GArray *outputs, GError **error)
{
  g_autofree char *path = g_strconcat (around->prefix, layer->name, NULL);
  g_autofree guint *inputs = g_new (guint, args->len + 1);
  const CnnKerasLayerKind *kind = cnn_keras_find_layer (layer->class_name);
  CnnKerasCall call = { .reader = reader,
                        .class_name = layer->class_name,
                        .config = layer->config,
                        .args = args,
                        .inputs = inputs,
                        .more = outputs };
  call.scope = (CnnKerasScope){ layer->name, path, around->top != NULL ? around->top : layer->name,
                                layer->folder, around->top != NULL };
  call.trainable = layer_trainable (layer->config, around);
  call.first = g_hash_table_add (reader->built, g_strdup (path));
  for (guint i = 0; i < args->len; i++)
    if (g_array_index (args, CnnKerasArg, i).value != CNN_NO_VALUE)
      inputs[call.n_inputs++] = g_array_index (args, CnnKerasArg, i).value;
  if (call.n_inputs == 0)
    return cnn_keras_fail (&call, error, _ ("nothing feeds it"));
  if (g_hash_table_size (reader->built) > MAX_LAYERS || ++reader->n_calls > MAX_LAYERS)
    return cnn_keras_fail (&call, error, _ ("the network has more than %u layers"), MAX_LAYERS);
  cnn_model_builder_begin_layer (reader->builder, path, layer->class_name);
  if (is_function (&call, kind, layer->module)) {
    if (!cnn_keras_function (&call, error))
      return FALSE;
  } else if (kind != NULL) {
    call.variant = kind->variant;
    if (!kind->build (&call, error))
      return FALSE;
  } else {
    add_unknown_weights (&call);
    if (!cnn_keras_unsupported (&call, layer->class_name, error))
      return FALSE;
  }
  cnn_model_builder_end_layer (reader->builder, call.output, call.pre_activation);
  cnn_model_builder_name_value (reader->builder, call.output, path);
  g_array_prepend_val (outputs, call.output);
  return TRUE;
}

/* Calls a layer or a model in the model. */
static gboolean
build_call (CnnKerasReader *reader, GraphLayer *layer, JsonObject *json, const Around *around, GArray *args,
            GArray *outputs, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (reader->cancellable, error))
    return FALSE;
  if (!is_model (json))
    return build_layer (reader, layer, around, args, outputs, error);
  g_autofree char *prefix = g_strdup_printf ("%s%s/", around->prefix, layer->name);
  g_autoptr (GArray) inputs = g_array_new (FALSE, FALSE, sizeof (guint));
  Around inner = { prefix, around->top != NULL ? around->top : layer->name, layer->folder,
                   layer_trainable (layer->config, around), around->depth + 1 };
  for (guint i = 0; i < args->len; i++)
    if (g_array_index (args, CnnKerasArg, i).value != CNN_NO_VALUE)
      g_array_append_val (inputs, g_array_index (args, CnnKerasArg, i).value);
  return build_model (reader, json, &inner, inputs, outputs, error);
}

/* Adds an input of the network, of a shape as Keras writes it: [null, height, width, channels]. */
static gboolean
add_input (CnnKerasReader *reader, const char *name, JsonArray *sizes, guint *value, GError **error)
{
  CnnShape shape = { sizes != NULL ? json_array_get_length (sizes) : 0, { 0 } }, held;
  CnnLayout layout = CNN_LAYOUT_PLAIN;
  if (shape.rank < 2 || shape.rank > CNN_MAX_RANK) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL,
                 _ ("The input “%s” has %u axes, but 2 to %d can be read."), name, shape.rank, CNN_MAX_RANK);
    return FALSE;
  }
  for (guint i = 0; i < shape.rank; i++) {
    JsonNode *node = json_array_get_element (sizes, i);
    shape.dims[i] = -1;
    if (JSON_NODE_HOLDS_NULL (node) || i == 0)
      reader->free_size |= i > 0;
    else if (!cnn_json_node_integer (node, &shape.dims[i]) || shape.dims[i] < 1) {
      g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL, _ ("The input “%s” has an impossible size on axis %u."),
                   name, i);
      return FALSE;
    }
  }
  held = shape;
  if (shape.rank == 4 && !reader->channels_first) {
    layout = CNN_LAYOUT_CHANNELS_LAST;
    held = cnn_shape4 (-1, shape.dims[3], shape.dims[1], shape.dims[2]);
  }
  *value = cnn_model_builder_add_input (reader->builder, name, &held, layout, error);
  return *value != CNN_NO_VALUE;
}

static JsonArray *
declared_input (JsonObject *layer)
{
  JsonObject *config = cnn_json_object (layer, "config");
  JsonArray *sizes = cnn_json_array (config, "batch_input_shape");
  if (sizes == NULL)
    sizes = cnn_json_array (config, "batch_shape");
  return sizes;
}

/* Where a Sequential model without an input layer says what goes in: at its first layer, however deep. */
static JsonArray *
find_input_shape (JsonObject *model, guint depth)
{
  JsonArray *layers = cnn_keras_model_layers (model), *sizes = declared_input (model);
  if (sizes == NULL && layers != NULL && json_array_get_length (layers) > 0 && depth < MAX_NESTING) {
    JsonObject *first = cnn_json_node_object (json_array_get_element (layers, 0));
    sizes = first != NULL ? find_input_shape (first, depth + 1) : NULL;
  }
  if (sizes == NULL)
    sizes = cnn_json_array (cnn_json_object (model, "config"), "build_input_shape");
  if (sizes == NULL)
    sizes = cnn_json_array (cnn_json_object (model, "build_config"), "input_shape");
  return sizes;
}

static GraphLayer *
graph_layer_new (JsonNode *node, GHashTable *used, const Around *around, guint index, GError **error)
{
  JsonObject *json = cnn_json_node_object (node);
  const char *class_name = cnn_json_string (json, "class_name", NULL), *name = layer_name (json);
  if (class_name == NULL) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL, _ ("Layer number %u of the configuration has no class."),
                 index + 1);
    return NULL;
  }
  GraphLayer *layer = g_new0 (GraphLayer, 1);
  layer->name = name != NULL ? g_strdup (name) : g_strdup_printf ("%s_%u", class_name, index + 1);
  layer->class_name = class_name;
  layer->index = index;
  layer->module = cnn_json_string (json, "module", NULL);
  layer->config = cnn_json_object (json, "config");
  layer->folder = layer_folder (used, class_name, around);
  layer->nodes = g_ptr_array_new_with_free_func (array_unref);
  layer->outputs = g_ptr_array_new_with_free_func (array_unref);
  return layer;
}

/* Keras 1 could start a Sequential model with a Merge layer that holds the models it joins. */
static gboolean
build_merged (CnnKerasReader *reader, JsonArray *models, const Around *around, GArray *outputs,
              GError **error)
{
  Around inner = *around;
  inner.depth++;
  for (guint i = 0; i < json_array_get_length (models); i++) {
    JsonObject *model = cnn_json_node_object (json_array_get_element (models, i));
    if (!build_model (reader, model, &inner, NULL, outputs, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
build_sequential (CnnKerasReader *reader, JsonObject *model, const Around *around, GArray *inputs,
                  GArray *outputs, GError **error)
{
  JsonArray *layers = cnn_keras_model_layers (model);
  g_autoptr (GHashTable) used = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GArray) current = g_array_new (FALSE, FALSE, sizeof (guint));
  if (inputs != NULL)
    g_array_append_vals (current, inputs->data, inputs->len);
  for (guint i = 0; i < json_array_get_length (layers); i++) {
    JsonNode *node = json_array_get_element (layers, i);
    GraphLayer *layer = graph_layer_new (node, used, around, i, error);
    g_autoptr (GArray) args = g_array_new (FALSE, FALSE, sizeof (CnnKerasArg));
    gboolean done = layer != NULL, is_input = done && g_str_equal (layer->class_name, "InputLayer");
    JsonArray *merged = done && i == 0 && g_str_equal (layer->class_name, "Merge")
                            ? cnn_json_array (layer->config, "layers")
                            : NULL;
    if (merged != NULL && current->len == 0)
      done = build_merged (reader, merged, around, current, error);
    if (done && current->len == 0) {
      g_autofree char *name = is_input ? g_strdup (layer->name) : g_strdup_printf ("%s_input", layer->name);
      JsonArray *sizes = find_input_shape (cnn_json_node_object (node), 0);
      guint value;
      if (sizes == NULL)
        sizes = cnn_json_array (cnn_json_object (model, "config"), "build_input_shape");
      if (sizes == NULL)
        g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL,
                     _ ("The file does not say how large the network’s input is: build the model with an "
                        "input shape and save it again."));
      done = sizes != NULL && add_input (reader, name, sizes, &value, error);
      if (done)
        g_array_append_val (current, value);
    }
    if (done && !is_input) {
      for (guint k = 0; k < current->len; k++) {
        CnnKerasArg arg = { g_array_index (current, guint, k), NULL, NULL };
        g_array_append_val (args, arg);
      }
      g_array_set_size (current, 0);
      done = build_call (reader, layer, cnn_json_node_object (node), around, args, current, error);
    }
    g_clear_pointer (&layer, graph_layer_free);
    if (!done)
      return FALSE;
  }
  g_array_append_vals (outputs, current->data, current->len);
  return TRUE;
}

/* ["name", node, tensor, {…}] */
static gboolean
parse_ref (JsonNode *node, Ref *ref)
{
  JsonArray *array = cnn_json_node_array (node);
  guint n = array != NULL ? json_array_get_length (array) : 0;
  if (n < 3 || n > 4 || (ref->layer = cnn_json_node_string (json_array_get_element (array, 0))) == NULL)
    return FALSE;
  if (g_str_equal (ref->layer, "_CONSTANT_VALUE")) {
    ref->layer = NULL;
    ref->constant = json_array_get_element (array, 2);
    return TRUE;
  }
  return cnn_json_node_integer (json_array_get_element (array, 1), &ref->node) &&
         cnn_json_node_integer (json_array_get_element (array, 2), &ref->tensor);
}

/* Whether tensors are anywhere inside: lists without any are constants. */
static gboolean
holds_tensors (JsonNode *node)
{
  JsonArray *array = cnn_json_node_array (node);
  JsonObject *object = cnn_json_node_object (node);
  Ref ref = { 0 };
  if (object != NULL && array == NULL)
    return g_strcmp0 (cnn_json_string (object, "class_name", NULL), "__keras_tensor__") == 0;
  if (parse_ref (node, &ref))
    return TRUE;
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    if (holds_tensors (json_array_get_element (array, i)))
      return TRUE;
  return FALSE;
}

/* Keras 3 writes constant tensors and arrays with their type around the numbers. */
static JsonNode *
unwrap_constant (JsonNode *node)
{
  JsonObject *object = cnn_json_node_object (node);
  const char *class_name = cnn_json_string (object, "class_name", "");
  if (!g_str_equal (class_name, "__tensor__") && !g_str_equal (class_name, "__numpy__"))
    return node;
  return cnn_json_member (cnn_json_object (object, "config"), "value");
}

/* Adds what an argument refers to: a tensor, tensors in lists, or a constant. */
static void
parse_argument (JsonNode *node, const char *keyword, GArray *refs)
{
  node = unwrap_constant (node);
  JsonArray *array = cnn_json_node_array (node);
  JsonObject *object = cnn_json_node_object (node);
  Ref ref = { .keyword = keyword };
  if (object != NULL && g_strcmp0 (cnn_json_string (object, "class_name", NULL), "__keras_tensor__") == 0) {
    JsonArray *history = cnn_json_array (cnn_json_object (object, "config"), "keras_history");
    if (history != NULL && json_array_get_length (history) == 3) {
      ref.layer = cnn_json_node_string (json_array_get_element (history, 0));
      cnn_json_node_integer (json_array_get_element (history, 1), &ref.node);
      cnn_json_node_integer (json_array_get_element (history, 2), &ref.tensor);
    }
    if (ref.layer == NULL)
      ref.layer = "?";
    g_array_append_val (refs, ref);
  } else if (parse_ref (node, &ref)) {
    ref.keyword = keyword;
    g_array_append_val (refs, ref);
    JsonNode *last = json_array_get_length (array) == 4 ? json_array_get_element (array, 3) : NULL;
    if (cnn_json_node_object (last) != NULL) {
      g_autoptr (GList) names = json_object_get_members (json_node_get_object (last));
      for (GList *l = names; l != NULL; l = l->next)
        parse_argument (json_object_get_member (json_node_get_object (last), l->data), l->data, refs);
    }
  } else if (array != NULL && holds_tensors (node)) {
    for (guint i = 0; i < json_array_get_length (array); i++)
      parse_argument (json_array_get_element (array, i), keyword, refs);
  } else if (node != NULL && !JSON_NODE_HOLDS_NULL (node)) {
    ref = (Ref){ .constant = node, .keyword = keyword };
    g_array_append_val (refs, ref);
  }
}

static void
parse_keywords (JsonObject *keywords, GArray *refs)
{
  g_autoptr (GList) names = keywords != NULL ? json_object_get_members (keywords) : NULL;
  for (GList *l = names; l != NULL; l = l->next)
    parse_argument (json_object_get_member (keywords, l->data), l->data, refs);
}

/* One call in "inbound_nodes", in any of the dialects. */
static GArray *
parse_node (JsonNode *node)
{
  GArray *refs = g_array_new (FALSE, FALSE, sizeof (Ref));
  JsonObject *object = cnn_json_node_object (node);
  if (cnn_json_member (object, "args") != NULL) {
    JsonArray *args = cnn_json_array (object, "args");
    for (guint i = 0; args != NULL && i < json_array_get_length (args); i++)
      parse_argument (json_array_get_element (args, i), NULL, refs);
    parse_keywords (cnn_json_object (object, "kwargs"), refs);
  } else if (object != NULL) {
    parse_keywords (object, refs);
  } else {
    parse_argument (node, NULL, refs);
  }
  return refs;
}

typedef struct {
  CnnKerasReader *reader;
  const Around *around;
  GPtrArray *layers; /* GraphLayer */
  GPtrArray *json;   /* JsonObject */
  GHashTable *by_name;
} Graph;

static gboolean
load_layers (Graph *graph, JsonArray *layers, GError **error)
{
  g_autoptr (GHashTable) used = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < json_array_get_length (layers); i++) {
    JsonNode *node = json_array_get_element (layers, i);
    GraphLayer *layer = graph_layer_new (node, used, graph->around, i, error);
    if (layer == NULL)
      return FALSE;
    g_ptr_array_add (graph->layers, layer);
    g_ptr_array_add (graph->json, cnn_json_node_object (node));
    if (!g_hash_table_insert (graph->by_name, layer->name, layer)) {
      g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL, _ ("Two layers of the network have the name “%s”."),
                   layer->name);
      return FALSE;
    }
    JsonArray *nodes = cnn_json_array (cnn_json_node_object (node), "inbound_nodes");
    for (guint k = 0; nodes != NULL && k < json_array_get_length (nodes); k++)
      g_ptr_array_add (layer->nodes, parse_node (json_array_get_element (nodes, k)));
    /* an input has no inbound nodes, but an output */
    g_ptr_array_set_size (layer->outputs, MAX ((int)layer->nodes->len, 1));
    layer->visiting = g_new0 (guint8, MAX (layer->nodes->len, 1));
  }
  return TRUE;
}

/* The call that a reference means. */
static GraphLayer *
resolve (Graph *graph, const Ref *ref, const char *wanted_by, guint *node, GError **error)
{
  GraphLayer *layer = g_hash_table_lookup (graph->by_name, ref->layer);
  if (layer == NULL) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL,
                 _ ("Layer “%s” takes its input from “%s”, which the network does not have."), wanted_by,
                 ref->layer);
    return NULL;
  }
  /* saved parts of larger networks may keep the numbers that calls had there */
  *node = ref->node >= 0 && ref->node < layer->outputs->len ? (guint)ref->node : 0;
  return layer;
}

static gboolean
find_value (Graph *graph, const Ref *ref, const char *wanted_by, guint *value, GError **error)
{
  guint node;
  GraphLayer *layer = resolve (graph, ref, wanted_by, &node, error);
  GArray *outputs = layer != NULL ? layer->outputs->pdata[node] : NULL;
  if (outputs == NULL || outputs->len == 0) {
    if (layer != NULL)
      g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL,
                   _ ("Layer “%s” takes its input from “%s”, which has no output."), wanted_by, ref->layer);
    return FALSE;
  }
  *value = g_array_index (outputs, guint, ref->tensor >= 0 && ref->tensor < outputs->len ? ref->tensor : 0);
  return TRUE;
}

/* A call on the way: the layer, which of its calls, and how many of its arguments were looked at. */
typedef struct {
  GraphLayer *layer;
  guint node, next;
} Step;

static gboolean
build_node (Graph *graph, const Step *step, GError **error)
{
  GraphLayer *layer = step->layer;
  GArray *refs = layer->nodes->pdata[step->node];
  g_autoptr (GArray) args = g_array_new (FALSE, FALSE, sizeof (CnnKerasArg));
  g_autoptr (GArray) outputs = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < refs->len; i++) {
    const Ref *ref = &g_array_index (refs, Ref, i);
    CnnKerasArg arg = { CNN_NO_VALUE, ref->constant, ref->keyword };
    if (ref->layer != NULL && !find_value (graph, ref, layer->name, &arg.value, error))
      return FALSE;
    g_array_append_val (args, arg);
  }
  if (!build_call (graph->reader, layer, graph->json->pdata[layer->index], graph->around, args, outputs,
                   error))
    return FALSE;
  layer->outputs->pdata[step->node] = g_steal_pointer (&outputs);
  return TRUE;
}

/* Builds a call after all that it needs, without recursion: the graph may be long. */
static gboolean
build_with_inputs (Graph *graph, GraphLayer *first, guint node, GError **error)
{
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (Step));
  Step start = { first, node, 0 };
  if (first->outputs->pdata[node] != NULL)
    return TRUE;
  g_array_append_val (stack, start);
  first->visiting[node] = TRUE;
  while (stack->len > 0) {
    Step *step = &g_array_index (stack, Step, stack->len - 1);
    GArray *refs = step->node < step->layer->nodes->len ? step->layer->nodes->pdata[step->node] : NULL;
    if (refs == NULL) {
      g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL, _ ("Layer “%s” (%s): %s."), step->layer->name,
                   step->layer->class_name, _ ("nothing feeds it"));
      return FALSE;
    }
    if (step->next < refs->len) {
      const Ref *ref = &g_array_index (refs, Ref, step->next++);
      Step needed = { NULL, 0, 0 };
      if (ref->layer == NULL)
        continue;
      needed.layer = resolve (graph, ref, step->layer->name, &needed.node, error);
      if (needed.layer == NULL)
        return FALSE;
      if (needed.layer->outputs->pdata[needed.node] != NULL)
        continue;
      if (needed.layer->visiting[needed.node]) {
        g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL,
                     _ ("The layers form a circle: “%s” depends on its own output."), needed.layer->name);
        return FALSE;
      }
      needed.layer->visiting[needed.node] = TRUE;
      g_array_append_val (stack, needed);
      continue;
    }
    if (!build_node (graph, step, error))
      return FALSE;
    step->layer->visiting[step->node] = FALSE;
    g_array_set_size (stack, stack->len - 1);
  }
  return TRUE;
}

/* [["a", 0, 0], …], ["a", 0, 0] or {"key": ["a", 0, 0]}. */
static GArray *
parse_endpoints (JsonObject *config, const char *member)
{
  JsonNode *node = cnn_json_member (config, member);
  GArray *refs = g_array_new (FALSE, FALSE, sizeof (Ref));
  if (cnn_json_node_object (node) != NULL)
    parse_keywords (json_node_get_object (node), refs);
  else if (node != NULL)
    parse_argument (node, NULL, refs);
  for (guint i = refs->len; i > 0; i--)
    if (g_array_index (refs, Ref, i - 1).layer == NULL)
      g_array_remove_index (refs, i - 1);
  return refs;
}

/* Gives the input layers their values: the arguments of a call, or new inputs of the network. */
static gboolean
bind_inputs (Graph *graph, GArray *refs, GArray *inputs, GError **error)
{
  if (inputs != NULL && inputs->len != refs->len) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL, _ ("The model “%s” has %u inputs, but %u are fed to it."),
                 graph->around->prefix, refs->len, inputs->len);
    return FALSE;
  }
  for (guint i = 0; i < refs->len; i++) {
    guint node, value;
    GraphLayer *layer = resolve (graph, &g_array_index (refs, Ref, i), _ ("input"), &node, error);
    if (layer == NULL)
      return FALSE;
    if (layer->outputs->pdata[node] != NULL)
      continue;
    if (inputs != NULL)
      value = g_array_index (inputs, guint, i);
    else if (!add_input (graph->reader, layer->name, declared_input (graph->json->pdata[layer->index]),
                         &value, error))
      return FALSE;
    if (inputs == NULL) {
      cnn_model_builder_begin_layer (graph->reader->builder, layer->name, layer->class_name);
      cnn_model_builder_end_layer (graph->reader->builder, value, value);
    }
    GArray *outputs = g_array_new (FALSE, FALSE, sizeof (guint));
    g_array_append_val (outputs, value);
    layer->outputs->pdata[node] = outputs;
  }
  return TRUE;
}

static gboolean
run_graph (Graph *graph, JsonObject *config, GArray *inputs, GArray *outputs, GError **error)
{
  g_autoptr (GArray) in = parse_endpoints (config, "input_layers"),
                     out = parse_endpoints (config, "output_layers");
  if (!load_layers (graph, cnn_json_array (config, "layers"), error) ||
      !bind_inputs (graph, in, inputs, error))
    return FALSE;
  /* in the file's order as far as that goes; also what no output needs, since people may look at it */
  for (guint i = 0; i < graph->layers->len; i++) {
    GraphLayer *layer = graph->layers->pdata[i];
    for (guint node = 0; node < layer->nodes->len; node++)
      if (!build_with_inputs (graph, layer, node, error))
        return FALSE;
  }
  for (guint i = 0; i < out->len; i++) {
    guint value;
    if (!find_value (graph, &g_array_index (out, Ref, i), _ ("output"), &value, error))
      return FALSE;
    g_array_append_val (outputs, value);
  }
  return TRUE;
}

static gboolean
build_functional (CnnKerasReader *reader, JsonObject *model, const Around *around, GArray *inputs,
                  GArray *outputs, GError **error)
{
  Graph graph = { reader, around, NULL, NULL, NULL };
  graph.layers = g_ptr_array_new_with_free_func ((GDestroyNotify)graph_layer_free);
  graph.json = g_ptr_array_new ();
  graph.by_name = g_hash_table_new (g_str_hash, g_str_equal);
  gboolean done = run_graph (&graph, cnn_json_object (model, "config"), inputs, outputs, error);
  g_hash_table_unref (graph.by_name);
  g_ptr_array_unref (graph.json);
  g_ptr_array_unref (graph.layers);
  return done;
}

static gboolean
build_model (CnnKerasReader *reader, JsonObject *model, const Around *around, GArray *inputs, GArray *outputs,
             GError **error)
{
  JsonObject *config = cnn_json_object (model, "config");
  const char *class_name = cnn_json_string (model, "class_name", "?");
  JsonArray *layers = cnn_keras_model_layers (model);
  if (around->depth > MAX_NESTING) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL, _ ("Models lie in models more than %d levels deep."),
                 MAX_NESTING);
    return FALSE;
  }
  if (layers == NULL) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_UNSUPPORTED,
                 _ ("The network is of the class “%s”, whose layers the file does not describe: only "
                    "Sequential and functional models can be read."),
                 class_name);
    return FALSE;
  }
  if (json_array_get_length (layers) == 0 || json_array_get_length (layers) > MAX_LAYERS) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_MODEL, _ ("The network has %u layers, but 1 to %u can be read."),
                 json_array_get_length (layers), MAX_LAYERS);
    return FALSE;
  }
  if (cnn_json_member (config, "input_layers") != NULL)
    return build_functional (reader, model, around, inputs, outputs, error);
  return build_sequential (reader, model, around, inputs, outputs, error);
}

gboolean
cnn_keras_build_model (CnnKerasReader *reader, JsonObject *model, GError **error)
{
  Around top = { "", NULL, "", TRUE, 0 };
  g_autoptr (GArray) outputs = g_array_new (FALSE, FALSE, sizeof (guint));
  if (!build_model (reader, model, &top, NULL, outputs, error))
    return FALSE;
  for (guint i = 0; i < outputs->len; i++)
    cnn_model_builder_add_output (reader->builder, g_array_index (outputs, guint, i));
  return TRUE;
}
