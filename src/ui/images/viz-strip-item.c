/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "viz-strip-item.h"

#include <glib/gi18n.h>

#include "image/cnn-image-array.h"

struct _VizStripItem {
  GObject parent;
  char *path;
  GdkTexture *texture;
  gboolean failed;
  gboolean asked; /* a thread has it, or will */
  int wanted;     /* atomic: read by the thread */
};

enum { PROP_TEXTURE = 1, PROP_FAILED, N_PROPS };
static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (VizStripItem, viz_strip_item, G_TYPE_OBJECT)

static GdkTexture *
thumbnail_of_array (const char *path, int pixels, GError **error)
{
  g_autoptr (CnnImage) image = cnn_image_read (path, NULL, error), small = NULL;
  g_autoptr (GBytes) bytes = NULL;
  double factor;
  guint width, height;

  if (image == NULL)
    return NULL;
  width = cnn_image_get_width (image);
  height = cnn_image_get_height (image);
  factor = (double)pixels / MAX (width, height);
  width = MAX (1, (guint)(width * factor));
  height = MAX (1, (guint)(height * factor));
  small = cnn_image_resize (image, width, height);
  bytes = g_bytes_new (cnn_image_get_data (small), (gsize)width * height * 4);
  return gdk_memory_texture_new ((int)width, (int)height, GDK_MEMORY_R8G8B8A8, bytes, (gsize)width * 4);
}

GdkTexture *
viz_strip_read_thumbnail (const char *path, int pixels, GError **error)
{
  int width = 0, height = 0, factor;
  g_autoptr (GdkPixbuf) read = NULL, turned = NULL, enlarged = NULL;

  if (cnn_image_array_is (path))
    return thumbnail_of_array (path, pixels, error);
  if (!cnn_image_check_file (path, NULL) || gdk_pixbuf_get_file_info (path, &width, &height) == NULL) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _ ("%s is no picture that can be read."), path);
    return NULL;
  }
  factor = pixels / MAX (width, height);
  read = factor >= 1 ? gdk_pixbuf_new_from_file (path, error)
                     : gdk_pixbuf_new_from_file_at_scale (path, pixels, pixels, TRUE, error);
  if (read == NULL)
    return NULL;
  turned = gdk_pixbuf_apply_embedded_orientation (read);
  if (factor > 1)
    enlarged = gdk_pixbuf_scale_simple (turned, gdk_pixbuf_get_width (turned) * factor,
                                        gdk_pixbuf_get_height (turned) * factor, GDK_INTERP_NEAREST);
  return gdk_texture_new_for_pixbuf (enlarged != NULL ? enlarged : turned);
}

/* A request on its way to the thread and back. */
typedef struct {
  VizStripItem *item;
  guint serial;
  GdkTexture *texture;
  gboolean read;
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  g_clear_object (&request->texture);
  g_object_unref (request->item);
  g_free (request);
}

static gboolean
deliver (gpointer data)
{
  Request *request = data;
  VizStripItem *self = request->item;

  self->asked = FALSE;
  if (!request->read) {
    /* it went out of sight and came back meanwhile */
    if (g_atomic_int_get (&self->wanted))
      viz_strip_item_want (self, TRUE, TRUE);
    return G_SOURCE_REMOVE;
  }
  self->failed = request->texture == NULL;
  g_set_object (&self->texture, request->texture);
  g_object_notify_by_pspec (G_OBJECT (self), properties[self->failed ? PROP_FAILED : PROP_TEXTURE]);
  return G_SOURCE_REMOVE;
}

static void
read_cb (gpointer data, gpointer unused)
{
  Request *request = data;

  if (g_atomic_int_get (&request->item->wanted)) {
    request->texture = viz_strip_read_thumbnail (request->item->path, VIZ_STRIP_PIXELS, NULL);
    request->read = TRUE;
  }
  g_idle_add_full (G_PRIORITY_DEFAULT, deliver, request, request_free);
}

static int
newest_first (gconstpointer a, gconstpointer b, gpointer unused)
{
  guint one = ((const Request *)a)->serial, two = ((const Request *)b)->serial;

  return one < two ? 1 : one > two ? -1 : 0;
}

static GThreadPool *
get_pool (void)
{
  static GThreadPool *pool;

  if (pool == NULL) {
    pool = g_thread_pool_new (read_cb, NULL, 1, FALSE, NULL);
    g_thread_pool_set_sort_function (pool, newest_first, NULL);
  }
  return pool;
}

void
viz_strip_item_want (VizStripItem *self, gboolean wanted, gboolean keep)
{
  static guint serial;
  Request *request;

  g_return_if_fail (VIZ_IS_STRIP_ITEM (self));
  g_atomic_int_set (&self->wanted, wanted);
  if (!wanted && !keep)
    g_clear_object (&self->texture);
  if (!wanted || self->texture != NULL || self->failed || self->asked)
    return;
  request = g_new0 (Request, 1);
  request->item = g_object_ref (self);
  request->serial = ++serial;
  self->asked = TRUE;
  g_thread_pool_push (get_pool (), request, NULL);
}

const char *
viz_strip_item_get_path (VizStripItem *self)
{
  return self->path;
}

GdkTexture *
viz_strip_item_get_texture (VizStripItem *self)
{
  return self->texture;
}

gboolean
viz_strip_item_get_failed (VizStripItem *self)
{
  return self->failed;
}

static void
viz_strip_item_get_property (GObject *object, guint prop, GValue *value, GParamSpec *pspec)
{
  VizStripItem *self = VIZ_STRIP_ITEM (object);

  if (prop == PROP_TEXTURE)
    g_value_set_object (value, self->texture);
  else
    g_value_set_boolean (value, self->failed);
}

static void
viz_strip_item_finalize (GObject *object)
{
  VizStripItem *self = VIZ_STRIP_ITEM (object);

  g_clear_object (&self->texture);
  g_free (self->path);
  G_OBJECT_CLASS (viz_strip_item_parent_class)->finalize (object);
}

static void
viz_strip_item_class_init (VizStripItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = viz_strip_item_finalize;
  object_class->get_property = viz_strip_item_get_property;
  properties[PROP_TEXTURE] = g_param_spec_object ("texture", NULL, NULL, GDK_TYPE_TEXTURE,
                                                  G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_FAILED] =
      g_param_spec_boolean ("failed", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
viz_strip_item_init (VizStripItem *self)
{
}

VizStripItem *
viz_strip_item_new (const char *path)
{
  VizStripItem *self = g_object_new (VIZ_TYPE_STRIP_ITEM, NULL);

  self->path = g_strdup (path);
  return self;
}
