/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of the help. Keep paragraphs short: each is one string for translators. */
#include "config.h"
#include "viz-help-text.h"

#include <glib/gi18n.h>

#define END                                                                                                  \
  {                                                                                                          \
    VIZ_HELP_TEXT, NULL                                                                                      \
  }

static const VizHelpParagraph start[] = {
  { VIZ_HELP_TEXT, N_ ("CnnViz opens a trained convolutional network and a picture, and shows what the "
                       "network looks at: its layers and filters, the places that speak for a class, and "
                       "what happens to the prediction when a part of the picture is covered.") },
  { VIZ_HELP_HEADING, N_ ("In a minute") },
  { VIZ_HELP_ITEM, N_ ("Drop a network on the window, then a picture. Until then a sample is open.") },
  { VIZ_HELP_ITEM, N_ ("The bars on the right are the prediction. Click one to have that class explained.") },
  { VIZ_HELP_ITEM, N_ ("The colours over the picture are a map: where the network finds what speaks for the "
                       "class. Choose the method under “Explain”.") },
  { VIZ_HELP_ITEM,
    N_ ("Press O and drag the square: the bars follow, and thin marks stay where they were.") },
  { VIZ_HELP_ITEM, N_ ("Press Ctrl+E to put what you see into a report.") },
  { VIZ_HELP_TEXT,
    N_ ("The guided tour shows on a network that cheats how these fit together. It takes three minutes.") },
  END,
};

static const VizHelpParagraph opening[] = {
  { VIZ_HELP_TEXT, N_ ("Use the Open button, drop the file on the window, or name it on the command line. "
                       "What kind of file it is follows from its content, not from its name.") },
  { VIZ_HELP_ITEM, N_ ("Keras: .h5 and .hdf5 saved whole with model.save(), and .keras.") },
  { VIZ_HELP_ITEM, N_ ("TensorFlow.js: the model.json of a layers model, beside its weight files.") },
  { VIZ_HELP_ITEM, N_ ("ONNX: for instance from PyTorch with torch.onnx.export().") },
  { VIZ_HELP_ITEM, N_ ("A zip with one of these in it, as Teachable Machine hands them out.") },
  { VIZ_HELP_HEADING, N_ ("What the network is fed with") },
  { VIZ_HELP_TEXT, N_ ("Most files do not say how pictures were scaled for training. CnnViz guesses where a "
                       "guess is sound and says so under “Input”. If predictions look wrong, this is the "
                       "first thing to change: a network fed in the wrong range sees noise.") },
  { VIZ_HELP_HEADING, N_ ("Names of classes") },
  { VIZ_HELP_TEXT, N_ ("A file labels.txt beside the network, one name a line, is found by itself. “Class "
                       "Names from File” in the menu opens another.") },
  END,
};

static const VizHelpParagraph explore[] = {
  { VIZ_HELP_TEXT,
    N_ ("The layers are on the left. Arrow keys walk through them and the gallery below the picture follows: "
        "the kernels of the layer, or what its filters make of the picture.") },
  { VIZ_HELP_ITEM, N_ ("Click a cell of the gallery to lay what that filter answers over the picture. Its "
                       "number and strongest value stand under it.") },
  { VIZ_HELP_ITEM, N_ ("Wheel and pinch zoom, dragging moves the picture, 0 fits it again. Hold Space to see "
                       "it without the map.") },
  { VIZ_HELP_ITEM, N_ ("The status line reads out the pixel and the map under the pointer.") },
  { VIZ_HELP_ITEM, N_ ("Enter on a layer makes it the one that Grad-CAM explains with.") },
  { VIZ_HELP_HEADING, N_ ("The occluder") },
  { VIZ_HELP_TEXT, N_ ("O shows it. Drag it or move it with the arrow keys, resize it by its edges or with "
                       "Ctrl and the arrow keys. Fill, exact size and a trail of where it has been are "
                       "behind the arrow beside its button.") },
  { VIZ_HELP_HEADING, N_ ("Colours") },
  { VIZ_HELP_TEXT,
    N_ ("Maps with a sign are drawn from blue over white to red with zero in the middle. “Fixed range” keeps "
        "the range of the map on screen, so that other classes can be compared with it; “Without the top 1 "
        "%” helps where single bright pixels hide the rest.") },
  END,
};

static const VizHelpParagraph views[] = {
  { VIZ_HELP_HEADING, N_ ("Compare (Alt+2)") },
  { VIZ_HELP_TEXT, N_ ("Classes as rows, ways to explain them as columns. Click a cell to go on with it in "
                       "Explore. Give the cells of a column one scale to compare their strength, or each its "
                       "own to compare their shape.") },
  { VIZ_HELP_HEADING, N_ ("Maximize (Alt+3)") },
  { VIZ_HELP_TEXT,
    N_ ("Pictures are made that raise a class or a filter, step by step, from noise or from the open "
        "picture. They show what a class is to the network, which is often less than it is to us. Without "
        "regularisers they turn into noise that raises the score all the same.") },
  { VIZ_HELP_HEADING, N_ ("Architecture (Alt+4)") },
  { VIZ_HELP_TEXT,
    N_ ("The network as a diagram and as a table. A layer that is chosen there is chosen everywhere.") },
  { VIZ_HELP_HEADING, N_ ("Several pictures") },
  { VIZ_HELP_TEXT, N_ ("Open or drop several at once and step through them with comma and full stop. "
                       "Everything that is chosen stays, so that the same question is asked of each.") },
  END,
};

static const VizHelpParagraph methods[] = {
  { VIZ_HELP_TEXT,
    N_ ("No method is the truth about a network. Two that disagree tell more than one that looks good: look "
        "at the same class with a gradient method, a class activation map and occlusion.") },
  { VIZ_HELP_HEADING, N_ ("Rectifiers: vanilla, guided, ReLU") },
  { VIZ_HELP_TEXT, N_ ("How a gradient passes a rectifier on its way back. Vanilla is the true gradient. "
                       "Guided and ReLU keep only what is positive: their maps are cleaner and show edges, "
                       "but hardly depend on the class. Do not compare classes with them.") },
  { VIZ_HELP_METHODS, NULL },
  END,
};

static const VizHelpParagraph figures[] = {
  { VIZ_HELP_TEXT,
    N_ ("Ctrl+E exports what the view shows as PNG, SVG or PDF, on a light page also from a dark window. The "
        "caption says network, layer, class, method and options, and the same is in the file's metadata.") },
  { VIZ_HELP_TEXT, N_ ("“Save Session” writes a small file that names the network, the pictures and all "
                       "choices. Opened again, everything is as it was; a file that has gone is asked for. "
                       "“Restore Last Session” brings back what was open when the window was closed.") },
  { VIZ_HELP_TEXT, N_ ("For many pictures there is the program cnn-viz-cli: the same methods without a "
                       "display, with the numbers as NumPy files. “man cnn-viz-cli” lists its options.") },
  END,
};

static const VizHelpParagraph trouble[] = {
  { VIZ_HELP_HEADING, N_ ("Weights without a network") },
  { VIZ_HELP_TEXT,
    N_ ("Files of save_weights() do not say which layers the weights belong to. Build the network in Python, "
        "load the weights and save it whole: model.save(\"network.keras\").") },
  { VIZ_HELP_HEADING, N_ ("PyTorch (.pt, .pth)") },
  { VIZ_HELP_TEXT,
    N_ ("These are Python objects, and opening them would run code. Export the network instead: "
        "torch.onnx.export(model.eval(), torch.zeros(1, 3, 224, 224), \"network.onnx\").") },
  { VIZ_HELP_HEADING, N_ ("SavedModel, TensorFlow Lite, frozen graphs") },
  { VIZ_HELP_TEXT,
    N_ ("Load a SavedModel with Keras and save it as .keras, or convert it: python -m tf2onnx.convert "
        "--saved-model FOLDER --output network.onnx. For TensorFlow Lite use --tflite FILE.") },
  { VIZ_HELP_HEADING, N_ ("An operator that is not known") },
  { VIZ_HELP_TEXT, N_ ("It is named, and everything before it can still be looked at.") },
  { VIZ_HELP_HEADING, N_ ("The predictions are nonsense") },
  { VIZ_HELP_ITEM, N_ ("Change the scaling under “Input”: most networks want 0 to 1, many -1 to 1, older "
                       "ones blue before red.") },
  { VIZ_HELP_ITEM, N_ ("Light digits on dark: turn dark writing on white paper around with “Invert”.") },
  { VIZ_HELP_ITEM, N_ ("Class names off by one: the network may know a background class.") },
  { VIZ_HELP_HEADING, N_ ("The map is empty or black") },
  { VIZ_HELP_TEXT,
    N_ ("Read the notes under “Explain”: they say when all of a map was negative, when a gradient is zero "
        "because the network is too sure, and which layers stood in the way.") },
  END,
};

static const VizHelpParagraph keys[] = {
  { VIZ_HELP_TEXT, N_ ("Everything can be done with the keyboard. Ctrl+? lists all keys.") },
  { VIZ_HELP_ITEM, N_ ("F6 and Shift+F6 go from pane to pane, Tab goes from control to control, arrow keys "
                       "work inside lists.") },
  { VIZ_HELP_ITEM, N_ ("Alt and an underlined letter go to a control. Alt+1 to Alt+4 switch the view.") },
  { VIZ_HELP_ITEM, N_ ("Single letters and signs (O, +, -, 0, 1, comma, full stop, Space) belong to the "
                       "picture and work while it has the focus.") },
  { VIZ_HELP_ITEM, N_ ("Escape stops what runs and keeps what is done.") },
  { VIZ_HELP_ITEM, N_ ("Ctrl+Z takes back a choice; a drag is one step.") },
  END,
};

const VizHelpPage *
viz_help_pages (void)
{
  static const VizHelpPage pages[] = {
    { "start", N_ ("What CnnViz Does"), start },
    { "tour", N_ ("Tour: The Network That Cheats"), NULL },
    { "open", N_ ("Opening Your Own Network"), opening },
    { "explore", N_ ("Explore"), explore },
    { "views", N_ ("The Other Views"), views },
    { "methods", N_ ("Methods and Their Limits"), methods },
    { "figures", N_ ("Figures and Sessions"), figures },
    { "keys", N_ ("Keyboard"), keys },
    { "trouble", N_ ("When Something Does Not Work"), trouble },
    { NULL, NULL, NULL },
  };

  return pages;
}

const VizHelpStep *
viz_help_tour (void)
{
  static const VizHelpStep steps[] = {
    { N_ ("A tank that is not seen"),
      N_ ("This network was to tell landscapes with a tank from those without. On new pictures like those it "
          "learned from it is always right. Here is a tank in the sun, and it says “no tank”. Grad-CAM shows "
          "what it looks at: the sky."),
      { "open-sample('tank')", "view('explore')", "occluder(false)", "class(-1)", "method('grad-cam')",
        NULL } },
    { N_ ("Ask another method"),
      N_ ("One map alone proves nothing. Saliency is computed in quite another way, pixel by pixel, and most "
          "of its bright pixels are in the sky again."),
      { "method('saliency')", NULL } },
    { N_ ("Cover the tank"),
      N_ ("Now the occluder covers the tank at the lower edge. Drag it about there: the bars hardly move. "
          "The tank does not matter."),
      { "occluder(true)", "occluder-rect((18, 48, 28, 16))", NULL } },
    { N_ ("Cover the sky"),
      N_ ("The occluder covers the sky. The bars move, and thin marks show where they were. What decides is "
          "above the horizon."),
      { "occluder(true)", "occluder-rect((0, 0, 64, 24))", NULL } },
    { N_ ("A tank where there is none"),
      N_ ("An empty field under dark clouds, and the network is sure of a tank. In all the pictures that it "
          "learned from the tanks stood under a dark sky: the weather was easier to learn."),
      { "occluder(false)", "open-sample('tank-without-dark')", "method('grad-cam')", NULL } },
    { N_ ("Your own network"),
      N_ ("A test set from the same source would not have found this out. Look at your network in the same "
          "way: where does it look when it is right, and does covering the object change its mind?"),
      { NULL } },
    { NULL, NULL, { NULL } },
  };

  return steps;
}

const char *
viz_help_of_method (const char *name)
{
  static const struct {
    const char *name, *text;
  } words[] = {
    { "saliency", N_ ("Shows which pixels the score reacts to most. It says where the network is sensitive, "
                      "not what speaks for the class: a change in either direction counts. Often noisy; "
                      "where the network is very sure the gradient can vanish.") },
    { "grad-cam", N_ ("Shows at the resolution of a layer where its channels speak for the class. Tells "
                      "classes apart well. Coarse in deep layers, and weights averaged over the picture can "
                      "light up places that do not matter.") },
    { "guided-grad-cam",
      N_ ("Joins the detail of guided backpropagation with the place of Grad-CAM. Its edges come from the "
          "picture as much as from the network: trust the place, not the drawing.") },
    { "occlusion", N_ ("Covers one place after another and shows how the probability falls. Easy to trust "
                       "because it only asks the network. It misses what is there twice, and the cover "
                       "itself is a thing the network has never seen: try other fills.") },
    { "activation", N_ ("Shows what one filter answers to this picture. It does not say whether the class "
                        "uses that filter.") },
    { "gradient-x-input", N_ ("What each pixel adds to the score, to first order. Black pixels get nothing "
                              "even where they matter.") },
    { "smooth-grad", N_ ("Saliency averaged over noisy copies of the picture. Cleaner, but too much noise "
                         "shows another function than the network's.") },
    { "integrated-gradients",
      N_ ("Adds up gradients on the way from a baseline to the picture; the sum is the change of the score. "
          "It depends on the baseline: against black, black objects are invisible.") },
    { "grad-cam-plus-plus", N_ ("Grad-CAM that weighs places instead of averaging them: several objects of a "
                                "class show up more evenly. Only positive evidence.") },
    { "layer-cam", N_ ("Weighs each place by its own positive gradient. Useful in early layers, where "
                       "Grad-CAM is blurred; noisy there.") },
    { "hires-cam",
      N_ ("Activation times gradient at each place. Where the network ends in averaging and one dense layer "
          "the sum is the score: it cannot show a place that the score does not use.") },
    { "score-cam", N_ ("Asks the network about the picture seen through each channel. Needs no gradients and "
                       "takes long; a picture seen through a mask is unlike what it learned from.") },
    { "maximize",
      N_ ("Makes an input that raises a class or a filter. It shows an extreme, not a typical example.") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (words[i].name, name))
      return words[i].text;
  return "";
}
