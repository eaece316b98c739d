project = "tinypic"
extensions = ["jupyterlite_sphinx"]
# A theme that asks nobody for fonts.
html_theme = "basic"
exclude_patterns = ["lite"]
jupyterlite_contents = ["demo.ipynb"]
try_examples_global_button_text = "Try it"
# The line that `emshim docs` prints is added by the test.
