"""How a form turns into HTML: templates/forms/, with Django's own templates for the widgets."""

from __future__ import annotations

from typing import Any

from django.forms.renderers import DjangoTemplates
from django.template import TemplateDoesNotExist, loader


class Renderer(DjangoTemplates):
    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"

    def get_template(self, template_name: str) -> Any:
        try:
            return loader.get_template(template_name)
        except TemplateDoesNotExist:
            return super().get_template(template_name)
