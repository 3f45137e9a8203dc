"""How every form of the pages is drawn: label, help and error stand beside the field they belong to.

A form needs no template of its own: `{{ form }}` draws all of it, `{{ form.name.as_field_group }}` one field.
"""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Django's renderer with the field and form templates of the design system."""

    form_template_name = "forms/form.html"
    formset_template_name = "forms/formset.html"
    field_template_name = "forms/field.html"
