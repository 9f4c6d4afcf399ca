"""Cuts the compiled schema down to what is written here: python3 cut.py THE-WHOLE-SCHEMA.json 1.8.0.json"""
import json, sys
source, target = sys.argv[1:]
schema = json.load(open(source))
CLASSES = """base_event account_change authentication entity_management user_access group_management
web_resources_activity application_lifecycle api_activity detection_finding remediation_activity""".split()
OBJECTS = """account actor analysis_target analytic anomaly anomaly_analysis api attack autonomous_system baseline enrichment
evidences finding_info group location managed_entity metadata network_endpoint observable observation organization policy
product related_event remediation resource_details service session sub_technique tactic technique user web_resource""".split()
types = {}
def attribute(found):
    types[found["type"]] = None
    kept = {"type": found.get("object_type", found["type"]), "need": found["requirement"]}
    if found.get("is_array"): kept["array"] = True
    if found.get("profiles"): kept["profiles"] = found["profiles"]
    if "enum" in found: kept["enum"] = {id: value["caption"] for id, value in found["enum"].items()}
    if "sibling" in found: kept["sibling"] = found["sibling"]
    if "@deprecated" in found: kept["deprecated"] = found["@deprecated"]["since"]
    return kept
def thing(found):
    kept = {"attributes": {name: attribute(each) for name, each in sorted(found["attributes"].items())}}
    for name in ("uid", "caption", "category_uid", "category_name", "constraints", "profiles"):
        if found.get(name) is not None: kept[name] = found[name]
    return kept
out = {
    "version": schema["version"],
    "classes": {name: thing(schema["classes"][name]) for name in CLASSES},
    "objects": {name: thing(schema["objects"][name]) for name in OBJECTS},
}
known = schema["dictionary"]["types"]["attributes"]
out["types"] = {name: {k: known[name][k] for k in ("type", "regex", "max_len", "range", "values") if k in known[name]} for name in sorted(types) if name in known}
lines = ["{"]
lines.append(f' "version": {json.dumps(out["version"])},')
def section(name, last):
    lines.append(f' "{name}": {{')
    items = list(out[name].items())
    for i, (key, value) in enumerate(items):
        comma = "," if i + 1 < len(items) else ""
        if "attributes" in value:
            rest = {k: v for k, v in value.items() if k != "attributes"}
            lines.append(f'  "{key}": {{')
            for k, v in rest.items(): lines.append(f'   "{k}": {json.dumps(v, separators=(",", ":"))},')
            lines.append('   "attributes": {')
            attrs = list(value["attributes"].items())
            for j, (k, v) in enumerate(attrs):
                lines.append(f'    "{k}": {json.dumps(v, separators=(",", ":"), ensure_ascii=False)}{"," if j + 1 < len(attrs) else ""}')
            lines.append(f'   }}}}{comma}')
        else:
            lines.append(f'  "{key}": {json.dumps(value, separators=(",", ":"))}{comma}')
    lines.append(" }" + ("" if last else ","))
section("types", False); section("objects", False); section("classes", True)
lines.append("}")
open(target, "w").write("\n".join(lines) + "\n")
