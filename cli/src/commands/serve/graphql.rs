//! `infra/schema.graphql` as a schema that executes: root fields ask the API, all others are parts of its answers.

use std::{sync::Arc, time::Duration};

use async_graphql::{
    Error, ErrorExtensions, SelectionField, Value as GraphqlValue,
    dynamic::{
        Enum, Field, FieldFuture, FieldValue, InputObject, InputValue, Object, ResolverContext, Scalar, Schema,
        SchemaError, TypeRef,
    },
    parser::{
        parse_schema,
        types::{BaseType, FieldDefinition, InputValueDefinition, Type, TypeKind, TypeSystemDefinition},
    },
};
use lotline_api::{Api, ApiError, ErrorKind};
use serde_json::Value;
use tokio::sync::Semaphore;

/// The contract.
const SDL: &str = include_str!("../../../../infra/schema.graphql");
/// Scalars that AppSync brings along.
const APPSYNC_SCALARS: [&str; 3] = ["AWSDateTime", "AWSJSON", "AWSURL"];
/// Fields inside of each other that a query may have, as in the template.
const MOST_DEPTH: usize = 10;
/// Fields that a query may have, parts of answers and aliases included.
const MOST_FIELDS: usize = 1_000;
/// Fields of `Query` and `Mutation` that are answered at a time for each processor; others wait.
const MOST_AT_A_TIME: usize = 4;
/// Time that a field may take: AppSync gives its functions no more.
const MOST_TIME: Duration = Duration::from_secs(28);

/// Answers so many fields at a time.
struct Desk {
    api: Arc<Api>,
    free: Semaphore,
}

/// The schema over an API.
///
/// # Errors
/// A contract that is no GraphQL.
pub(super) fn schema(api: Arc<Api>) -> Result<Schema, SchemaError> {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let desk = Arc::new(Desk { api, free: Semaphore::new(MOST_AT_A_TIME * processors) });
    let document = parse_schema(SDL).map_err(|error| SchemaError(error.to_string()))?;
    let mut builder =
        Schema::build("Query", Some("Mutation"), None).limit_depth(MOST_DEPTH).limit_complexity(MOST_FIELDS);
    for scalar in APPSYNC_SCALARS {
        builder = builder.register(Scalar::new(scalar));
    }
    for definition in document.definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let definition = definition.node;
        let name = definition.name.node.to_string();
        let description = definition.description.map(|text| text.node);
        builder = match definition.kind {
            TypeKind::Object(object) => {
                let is_root = ["Query", "Mutation"].contains(&name.as_str());
                let mut described = Object::new(&name);
                described = description.into_iter().fold(described, Object::description);
                let fields = object.fields.into_iter().map(|field| field.node);
                builder.register(fields.fold(described, |object, definition| {
                    object.field(if is_root { root_field(&desk, &definition) } else { part_field(&definition) })
                }))
            }
            TypeKind::InputObject(input) => {
                let described = description.into_iter().fold(InputObject::new(&name), InputObject::description);
                let fields = input.fields.into_iter().map(|field| input_value(&field.node));
                builder.register(fields.fold(described, InputObject::field))
            }
            TypeKind::Enum(values) => {
                let described = description.into_iter().fold(Enum::new(&name), Enum::description);
                let items = values.values.into_iter().map(|value| value.node.value.node.to_string());
                builder.register(items.fold(described, Enum::item))
            }
            TypeKind::Scalar | TypeKind::Interface(_) | TypeKind::Union(_) => builder,
        };
    }
    builder.finish()
}

/// A field of `Query` or `Mutation`, which the API answers.
fn root_field(desk: &Arc<Desk>, definition: &FieldDefinition) -> Field {
    let (desk, name) = (Arc::clone(desk), definition.name.node.to_string());
    let ty = type_ref(&definition.ty.node);
    let answered = ty.clone();
    let field = Field::new(definition.name.node.as_str(), ty, move |context| {
        let (desk, answered, field) = (Arc::clone(&desk), answered.clone(), request(&name, &context));
        FieldFuture::new(async move { Ok(part(answer(&desk, field?).await.map_err(|error| told(&error))?, &answered)) })
    });
    let field = described(field, definition);
    definition.arguments.iter().fold(field, |field, argument| field.argument(input_value(&argument.node)))
}

/// A field of an answer.
fn part_field(definition: &FieldDefinition) -> Field {
    let (name, ty) = (definition.name.node.to_string(), type_ref(&definition.ty.node));
    let answered = ty.clone();
    let field = Field::new(definition.name.node.as_str(), ty, move |context| {
        let found = context.parent_value.try_downcast_ref::<Value>().map(|parent| parent[name.as_str()].clone());
        let answered = answered.clone();
        FieldFuture::new(async move { Ok(part(found?, &answered)) })
    });
    described(field, definition)
}

fn described(field: Field, definition: &FieldDefinition) -> Field {
    definition.description.iter().fold(field, |field, text| field.description(text.node.as_str()))
}

/// What the API answers, on a thread that may block, in bounded time.
async fn answer(desk: &Desk, field: lotline_api::Field) -> Result<Value, ApiError> {
    let api = Arc::clone(&desk.api);
    let answer = async {
        let _place = desk.free.acquire().await;
        tokio::task::spawn_blocking(move || api.resolve(&field)).await
    };
    match tokio::time::timeout(MOST_TIME, answer).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => Err(ApiError { kind: ErrorKind::Internal, message: error.to_string() }),
        Err(_) => {
            let message = format!("found no answer in {} s, expected one; ask for less", MOST_TIME.as_secs());
            Err(ApiError { kind: ErrorKind::Limit, message })
        }
    }
}

/// A part of an answer as its type has it; none for null.
fn part(value: Value, ty: &TypeRef) -> Option<FieldValue<'static>> {
    match (value, ty) {
        (Value::Null, _) => None,
        (value, TypeRef::NonNull(inner)) => part(value, inner),
        (Value::Array(items), TypeRef::List(item)) => {
            let items = items.into_iter().map(|value| part(value, item).unwrap_or(FieldValue::NULL));
            Some(FieldValue::list(items.collect::<Vec<_>>()))
        }
        (value @ Value::Object(_), _) => Some(FieldValue::owned_any(value)),
        (value, _) => GraphqlValue::from_json(value).ok().map(FieldValue::value),
    }
}

/// What a client asks of a root field.
fn request(name: &str, context: &ResolverContext<'_>) -> Result<lotline_api::Field, Error> {
    let arguments =
        context.args.iter().map(|(name, value)| Ok((name.to_string(), value.as_value().clone().into_json()?)));
    let mut selection = Vec::new();
    select(context.field(), "", &mut selection);
    Ok(lotline_api::Field {
        name: name.to_owned(),
        arguments: arguments.collect::<Result<_, serde_json::Error>>()?,
        selection,
        caller: None,
    })
}

/// Paths of the selected fields, as AppSync lists them.
fn select(field: SelectionField<'_>, prefix: &str, paths: &mut Vec<String>) {
    for selected in field.selection_set() {
        let path = format!("{prefix}{}", selected.name());
        select(selected, &format!("{path}/"), paths);
        paths.push(path);
    }
}

fn told(error: &ApiError) -> Error {
    Error::new(&error.message).extend_with(|_, extensions| extensions.set("errorType", error.kind.name()))
}

fn input_value(definition: &InputValueDefinition) -> InputValue {
    let input = InputValue::new(definition.name.node.as_str(), type_ref(&definition.ty.node));
    match &definition.default_value {
        Some(value) => input.default_value(value.node.clone()),
        None => input,
    }
}

fn type_ref(ty: &Type) -> TypeRef {
    let base = match &ty.base {
        BaseType::Named(name) => TypeRef::named(name.as_str()),
        BaseType::List(item) => TypeRef::List(Box::new(type_ref(item))),
    };
    if ty.nullable { base } else { TypeRef::NonNull(Box::new(base)) }
}
