! Input of kinds that libf2c had to learn.
program t
  integer i, a(5), status
  character(len=5) u
  real x, y(2,2)
  character(len=8) s
  character(len=20) line
  logical l
  complex z
  double precision d
  namelist /nml/ i, a, x, y, s, l, z, d, u
  i = 1
  a = 0
  y = 1
  open (9, status='scratch')
  write (9, '(a)') '! It isn''t a namelist yet'
  write (9, '(a)') ' &nml i=5, ! five! and ''quotes'''
  write (9, '(a)') '  A(2)=3*4 ! three'
  write (9, '(a)') '  x = 1.5E2,y(1,2) = 9! glued'
  write (9, '(a)') '  s = ''a!b''''!'', L=.T. ! T'
  write (9, '(a)') '  ! alone'
  write (9, '(a)') '  a(5) = -1'
  write (9, '(a)') '  z=(1,-2), d=1D-3 / ! the end'
  write (9, '(a)') ' &nml a = 1, 2,'
  write (9, '(a)') '  3, 4, 5 s = "it''s" /'
  rewind (9)
  read (9, nml)
  print *, i
  print *, a
  print *, x
  print *, y
  print *, s, '|'
  print *, l, d
  print *, z
  read (9, nml)
  print *, a
  print *, s
  rewind (9)
  write (9, '(a)') ' &nml s = ''abc'
  write (9, '(a)') 'de'', u = ''x!y'' i = 6'
  write (9, '(a)') ' u = ''it''''s'
  write (9, '(a)') ''' ! don''t'
  write (9, '(a)') ' x = 2 / don''t'
  write (9, '(a)') ' &nml s = ''open'
  write (9, '(a)') '!'
  rewind (9)
  read (9, nml, iostat=status)
  print *, status, i, s, '|', u, '|', x
  read (9, nml, iostat=status)
  print *, status /= 0
  rewind (9)
  write (9, '(a)') ' &nml i = 8 ! isn''t it'
  write (9, '(a)') ' s = ''!'' /'
  rewind (9)
  read (9, nml, iostat=status)
  print *, status, i, s
  close (9)
  open (13, status='scratch', access='direct', recl=10, form='formatted')
  write (13, '(a10)', rec=2) 'second'
  write (13, '(i10)', rec=1) 12345
  do i = 1, 2
    line = '....................'
    read (13, '(a)', rec=i, iostat=status) line
    print *, status, line, '|'
  end do
  close (13)
  open (13, status='scratch', access='direct', recl=10, form='formatted')
  write (13, '(a10)', rec=1) 'abcdefghij'
  write (13, '(a10)', rec=2) 'klmnopqrst'
  write (13, '(a10)', rec=3) 'uvwxyz0123'
  do i = 1, 3
    read (13, '(a20,t1,a5)', rec=i) line, s
    print *, line, '|', s
    read (13, '(8x,a5,t3,a5)', rec=i) line, s
    print *, line, '|', s
    read (13, '(t9,a5,tl9,a5,t10,a2,t1,a1)', rec=i) u, s, line(:2), line(3:3)
    print *, u, '|', s, '|', line(:3)
  end do
  read (13, '(a3,5x,a5/a5,t2,a3)', rec=1) u, s, line(:8), line(9:11)
  print *, u, '|', s, '|', line(:11)
  read (13, '(a8)', rec=1) line, s
  print *, line, s
  write (13, '(i5/i3,i4)', rec=4) 1, 2, 3, 4
  do i = 4, 6
    read (13, '(a10)', rec=i) line
    print *, line, '|'
  end do
end program
