//! Asks across the crates, on the database of `DATABASE_URL`, which was migrated.

use accounts::{NewTeam, NewUser, Team, User};
use board::{Label, NewLabel, NewProfile, NewProject, NewTask, Profile, Project, Task};
use orm::prelude::*;

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let db = Db::connect(&std::env::var("DATABASE_URL")?).await?;
    fill(&db).await?;
    conditions_backwards(&db).await?;
    numbers_backwards(&db).await?;
    chains(&db).await?;
    loading(&db).await?;
    managers(&db).await?;
    labels_of_two_crates(&db).await?;
    deletions(&db).await?;
    models_as_data().await?;
    println!("all is well");
    Ok(())
}

/// Ann owns two projects of the red team, Bob one of the blue; Cleo has none.
async fn fill(db: &Db) -> orm::Result<()> {
    let mut users = Vec::new();
    for name in ["Ann", "Bob", "Cleo"] {
        users.push(User::create(NewUser { name }).save(db).await?);
    }
    let red = Team::create(NewTeam { code: "red", motto: "forward" }).with(Team.lead.set(&users[0])).save(db).await?;
    let blue = Team::create(NewTeam { code: "blue", motto: "calm" }).save(db).await?;
    Profile::create(NewProfile { user: &users[0], motto: "dare" }).save(db).await?;
    for (title, team, owner, hours) in
        [("Attic", &red, 0, &[1, 2][..]), ("Barn", &red, 0, &[]), ("Cellar", &blue, 1, &[8])]
    {
        let project = Project::create(NewProject { title, team, owner: &users[owner] })
            .with(Project.reviewer.set(&users[1 - owner]))
            .save(db)
            .await?;
        for hours in hours {
            Task::create(NewTask { project: &project, hours: *hours })
                .with(Task.assignee.set(&users[1]))
                .save(db)
                .await?;
        }
        project.members().add(db, &users[owner..=owner + 1]).await?;
    }
    Ok(())
}

async fn names(db: &Db, condition: Q<User>) -> orm::Result<Vec<String>> {
    User::objects().filter(condition).values(User.name).all(db).await
}

async fn conditions_backwards(db: &Db) -> Outcome {
    assert_eq!(names(db, rev(Project.owner).any(Project.title.eq("Barn"))).await?, ["Ann"]);
    assert_eq!(names(db, rev(Project.owner).exists()).await?, ["Ann", "Bob"]);
    assert_eq!(names(db, rev(Project.owner).none(Project.title.startswith("C"))).await?, ["Ann", "Cleo"]);
    let all = rev(Project.owner).all(Project.team.code.eq("red")) & rev(Project.owner).exists();
    assert_eq!(names(db, all).await?, ["Ann"]);
    assert_eq!(names(db, rev(Project.reviewer).any(Project.title.eq("Cellar"))).await?, ["Ann"]);
    assert_eq!(names(db, rev(Profile.user).any(Profile.motto.eq("dare"))).await?, ["Ann"]);
    assert_eq!(names(db, !rev(Profile.user).exists()).await?, ["Bob", "Cleo"]);
    assert_eq!(names(db, rev(Project.members).any(Project.title.eq("Cellar"))).await?, ["Bob", "Cleo"]);
    assert_eq!(names(db, rev(Task.assignee).any(Task.project.team.lead.name.eq("Ann"))).await?, ["Bob"]);
    let teams = Team::objects().filter(rev(Project.team).any(Project.tasks.any(Task.hours.ge(8))));
    assert_eq!(teams.values(Team.code).all(db).await?, ["blue"]);
    Ok(())
}

async fn numbers_backwards(db: &Db) -> Outcome {
    let counted = User::objects().values((
        User.name,
        rev(Project.owner).count(),
        rev(Project.members).count(),
        rev(Project.owner).tasks.count(),
        rev(Task.assignee).sum(Task.hours),
        rev(Project.owner).order_by(Project.title.desc()).first(Project.title),
    ));
    let rows = counted.all(db).await?;
    let row = |name: &str, owns, member, tasks, hours, last: Option<&str>| {
        (name.to_owned(), owns, member, tasks, hours, last.map(str::to_owned))
    };
    assert_eq!(
        rows,
        [
            row("Ann", 2, 2, 2, None, Some("Barn")),
            row("Bob", 1, 3, 1, Some(11), Some("Cellar")),
            row("Cleo", 0, 1, 0, None, None),
        ]
    );
    let by_team = Team::objects().values((Team.code, rev(Project.team).count())).order_by(Team.code.asc());
    assert_eq!(by_team.all(db).await?, [("blue".to_owned(), 1), ("red".to_owned(), 2)]);
    Ok(())
}

async fn chains(db: &Db) -> Outcome {
    let hours = Task::objects().filter(Task.project.owner.name.eq("Ann")).order_by(Task.hours.desc()).values((
        Task.hours,
        Task.project.team.motto,
        Task.project.team.lead.name,
    ));
    let row = |hours| (hours, "forward".to_owned(), Some("Ann".to_owned()));
    assert_eq!(hours.all(db).await?, [row(2), row(1)]);
    let bob = User::objects().filter(User.name.eq("Bob")).get(db).await?;
    let of_bob = Project::objects().filter(Project.owner.eq(&bob) | Project.reviewer.eq(&bob));
    assert_eq!(of_bob.values(Project.title).all(db).await?, ["Attic", "Barn", "Cellar"]);
    let parsed = Q::parse::<Task>("project__team__lead__name__istartswith", "a")?;
    assert_eq!(Task::objects().filter(parsed).count(db).await?, 2);
    Ok(())
}

async fn loading(db: &Db) -> Outcome {
    let project = Project::objects()
        .filter(Project.title.eq("Attic"))
        .select_related((Project.owner, Project.reviewer, Project.team.lead))
        .prefetch_related((Project.members, Project.tasks.order_by(Task.hours.asc()).select_related(Task.assignee)))
        .get(db)
        .await?;
    assert_eq!(project.owner.get()?.name, "Ann");
    assert_eq!(project.team.key(), "red");
    let lead = project.team.get()?.lead.as_ref().ok_or("no lead")?;
    assert_eq!(lead.get()?.name, "Ann");
    let members: Vec<&str> = project.members.get()?.iter().map(|user| user.name.as_str()).collect();
    assert_eq!(members, ["Ann", "Bob"]);
    let tasks = project.tasks.get()?;
    let assignee = tasks[0].assignee.as_ref().ok_or("nobody")?;
    assert_eq!((tasks.len(), tasks[0].hours, assignee.get()?.name.as_str()), (2, 1, "Bob"));

    let profile = Profile::objects().prefetch_related(Profile.user).get(db).await?;
    assert_eq!(profile.user.get()?.name, "Ann");
    let refused = User::objects().prefetch_related(rev(Project.owner)).all(db).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidQuery);
    Ok(())
}

async fn managers(db: &Db) -> Outcome {
    let barn = Project::objects().filter(Project.title.eq("Barn")).get(db).await?;
    assert_eq!(barn.members().filter(User.name.ne("Ann")).values(User.name).all(db).await?, ["Bob"]);
    let cleo = User::objects().filter(User.name.eq("Cleo")).get(db).await?;
    barn.members().set(db, [&cleo]).await?;
    assert_eq!(names(db, rev(Project.members).any(Project.id.eq(barn.id))).await?, ["Cleo"]);
    let blue = Team::objects().filter(Team.code.eq("blue")).get(db).await?;
    barn.watchers().add(db, [&blue]).await?;
    let watching = Team::objects().filter(rev(Project.watchers).any(Project.owner.name.eq("Ann")));
    assert_eq!(watching.values(Team.code).all(db).await?, ["blue"]);
    let task = barn.tasks().create(db, NewTask { project: Parent, hours: 5 }).await?;
    assert_eq!(task.project.fetch(db).await?.owner.fetch(db).await?.name, "Ann");
    Ok(())
}

async fn labels_of_two_crates(db: &Db) -> Outcome {
    let barn = Project::objects().filter(Project.title.eq("Barn")).get(db).await?;
    let near = Label::create(NewLabel { text: "near" }).save(db).await?;
    let far = accounts::Label::create(accounts::NewLabel { text: "far" }).save(db).await?;
    barn.labels().add(db, [&near]).await?;
    barn.marks().add(db, [&far]).await?;
    let cleo = User::objects().filter(User.name.eq("Cleo")).get(db).await?;
    cleo.labels().add(db, [&far]).await?;
    let barn = Project::objects().prefetch_related((Project.labels, Project.marks)).filter(Project.id.eq(barn.id));
    let barn = barn.get(db).await?;
    assert_eq!((barn.labels.get()?[0].text.as_str(), barn.marks.get()?[0].text.as_str()), ("near", "far"));
    let marked = accounts::Label::objects().filter(rev(Project.marks).exists() & rev(User.labels).exists());
    assert_eq!(marked.values(accounts::Label.text).all(db).await?, ["far"]);
    Ok(())
}

/// What `on_delete` says holds between tables of two crates.
async fn deletions(db: &Db) -> Outcome {
    let ann = User::objects().filter(User.name.eq("Ann")).get(db).await?;
    assert_eq!(ann.delete(db).await.unwrap_err().kind(), ErrorKind::ForeignKeyViolation);
    Team::objects().filter(Team.code.eq("red")).delete(db).await?;
    assert_eq!(Project::objects().values(Project.title).all(db).await?, ["Cellar"]);
    let ann = User::objects().filter(User.name.eq("Ann")).get(db).await?;
    ann.delete(db).await?;
    assert_eq!(Profile::objects().count(db).await?, 0);
    assert!(Project::objects().get(db).await?.reviewer.is_none());
    Ok(())
}

/// `models![]` takes models of several crates; one that others point at may not be left out.
async fn models_as_data() -> Outcome {
    let db = Db::connect("sqlite::memory:").await?;
    let few = orm::models![Project, Task, Label, Team, accounts::Label];
    let error = orm::migrate::sync_models(&db, few).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidModel);
    assert!(error.message().starts_with("E036 `Project.owner`: `User` is not among the models"), "{error}");
    let all = orm::models![Project, Task, Label, Profile, User, Team, accounts::Label];
    let done = orm::migrate::sync_models(&db, all).await?;
    assert_eq!(done.len(), 12, "seven models and five tables between them: {done:?}");
    assert_eq!(User::objects().filter(rev(Project.owner).exists()).count(&db).await?, 0);
    Ok(())
}
